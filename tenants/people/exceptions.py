"""What can go wrong with members, their roles and invitations; the docstring is the message and the repair."""

from tenants.exceptions import TenancyError


class MembershipError(TenancyError):
    """The membership cannot be changed like this."""

    code = "membership_error"


class UnknownMember(MembershipError):
    """The tenant has no such member. The list of members shows those that it has."""

    code = "unknown_member"


class AlreadyMember(MembershipError):
    """This person is a member of the tenant already. Change their role instead."""

    code = "already_member"


class LastOwner(MembershipError):
    """This is the last owner of the tenant. Make somebody else an owner first."""

    code = "last_owner"


class SeatsTaken(MembershipError):
    """All seats of the tenant are taken. Remove a member, or choose a plan with more seats."""

    code = "seats_taken"


class InvalidRole(MembershipError):
    """The role cannot be like this. Give it a name and permissions that exist."""

    code = "invalid_role"


class UnknownRole(MembershipError):
    """The tenant has no such role or group."""

    code = "unknown_role"


class RoleTaken(MembershipError):
    """The tenant has a role or a group of this name. Choose another name."""

    code = "role_taken"


class RoleInUse(MembershipError):
    """Members or groups have this role. Take it from them first."""

    code = "role_in_use"


class InvitationError(TenancyError):
    """The invitation cannot be used like this."""

    code = "invitation_error"


class InvalidInvitation(InvitationError):
    """This invitation is not valid any more. Ask whoever invited you for a new one."""

    code = "invalid_invitation"


class AlreadyInvited(InvitationError):
    """An invitation to this address is open. Send it again, or revoke it."""

    code = "already_invited"


class UnknownInvitation(InvitationError):
    """The tenant has no such open invitation."""

    code = "unknown_invitation"


class TooManyInvitations(InvitationError):
    """The tenant has too many open invitations. Revoke some, or wait until they are accepted."""

    code = "too_many_invitations"


class InvitedAnother(InvitationError):
    """This invitation was sent to another address. Sign in as the person who was invited."""

    code = "invited_another"


class ProofNeeded(InvitationError):
    """There is a person with this address already. Enter their password, or sign in first."""

    code = "proof_needed"


class InvalidPassword(InvitationError):
    """This password is not accepted. Choose another one."""

    code = "invalid_password"


class InvalidAddress(InvitationError):
    """This is no e-mail address."""

    code = "invalid_address"
