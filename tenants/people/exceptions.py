"""What can go wrong with members, their roles and invitations; the docstring is the message and the repair."""

from tenants.exceptions import Refused, TenancyError


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


class JoinRefused(Refused):
    """Nobody joins this site like this: by who they are, or by the domain of their address. Ask for an invitation."""

    code = "join_refused"


class InvalidKeyScopes(TenancyError):
    """Scopes are permissions that exist, at least one of them. Leave them out, or give `*`, for all of the member's."""

    code = "invalid_scopes"


class InvalidExpiry(TenancyError):
    """A key ends in the future, and an overlap lasts from no time to 30 days."""

    code = "invalid_expiry"


class NotRotatable(TenancyError):
    """This key is revoked, past its date or was rotated before. Rotate its successor, or make a new one."""

    code = "not_rotatable"


class InvalidService(TenancyError):
    """A service is named by 1 to 40 characters: a lower-case ASCII letter, then letters, digits and hyphens."""

    code = "invalid_service"


class InvalidAccount(TenancyError):
    """A service account has a name that no other one of the tenant has, and a role that is not owner."""

    code = "invalid_account"


class UnknownSigner(TenancyError):
    """No signing key that is in use has this name. `manage.py signing_keys list` shows them."""

    code = "unknown_signer"


class InvalidCode(TenancyError):
    """The code is wrong, was used, or has expired. Ask for a new one."""

    code = "invalid_code"


class MfaRequired(TenancyError):
    """The password is right; a code of the second factor is needed as well. Send it."""

    code = "mfa_required"


class InvalidSignUp(TenancyError):
    """Something that was typed at sign-up was refused."""

    code = "invalid_sign_up"

    def __init__(self, message: str | None = None, *, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class MfaSetupRequired(Refused):
    """This site asks for a second factor. Set one up or confirm yours under /account, then repeat."""

    code = "mfa_setup_required"


class ReauthenticationRequired(TenancyError):
    """Prove once more who you are before you change this."""

    code = "reauthentication_required"


class AddressRefused(Refused):
    """This site lets nobody in from your network address. Ask its administrators."""

    code = "address_refused"


class InvalidPolicy(TenancyError):
    """The security policy was refused, and nothing was changed."""

    code = "invalid_policy"

    def __init__(self, message: str | None = None, *, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class SignUpExpired(TenancyError):
    """The link was used or has expired, or its address has an account. Sign in, or sign up again."""

    code = "sign_up_expired"


class PasswordRequired(TenancyError):
    """The link was opened in another browser than the one that signed up. Send the password chosen there."""

    code = "password_required"


class BadPassword(TenancyError):
    """The password is too weak. Choose a longer one."""

    code = "bad_password"
    field = "password"


class TooManyTries(TenancyError):
    """There were too many tries. Wait, then try again."""

    code = "too_many_tries"

    def __init__(self, message: str | None = None, *, retry_after: int = 1) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class CannotCount(TenancyError):
    """Tries cannot be counted right now, so none is made. Try again."""

    code = "cannot_count"


class SsoError(TenancyError):
    """The sign-in with SSO did not work. Start it again."""

    code = "sso_error"


class InvalidProvider(SsoError):
    """The identity provider cannot be used. Check its issuer: a public https address that answers discovery."""

    code = "invalid_provider"


class ProviderUnreachable(SsoError):
    """The identity provider did not answer as it should. Try again; ask its administrator if it stays so."""

    code = "provider_unreachable"


class ForgedAnswer(SsoError):
    """The answer of the identity provider does not fit this sign-in. Start it again."""

    code = "forged_answer"


class SsoRefused(SsoError):
    """The identity provider may not sign this person in here. Ask an owner of this site for an invitation."""

    code = "sso_refused"


class SocialRefused(SsoError):
    """This account signs nobody in here. If you have an account here, confirm its address by a new password first."""

    code = "social_refused"


class SsoRequired(TenancyError):
    """This site requires SSO for your address. Sign in at /sso/start."""

    code = "sso_required"


class OperatorRefused(TenancyError):
    """The operator's role does not include this. An admin can change the role on the page Operators."""

    code = "operator_refused"


class NoOperator(TenancyError):
    """The person is no operator. `manage.py operator_create EMAIL --role ROLE` makes one."""

    code = "no_operator"


class LastAdmin(TenancyError):
    """Nobody could appoint operators any more. Make another operator an admin first."""

    code = "last_admin"


class FactorResetRefused(TenancyError):
    """The second factors of this person cannot be taken away."""

    code = "factor_reset_refused"


class ImpersonationRefused(TenancyError):
    """An operator cannot act as this member now."""

    code = "impersonation_refused"


class ImpersonationForbidden(ImpersonationRefused):
    """The tenant does not allow operators to act as its members. Ask one of its owners to allow it."""

    code = "impersonation_forbidden"


class ImpersonationOver(ImpersonationRefused):
    """The impersonation is over. Ask for a new one in the console."""

    code = "impersonation_over"


class ImpersonationWithheld(Refused):
    """An operator who acts as a member may not do this: only the member may."""

    code = "impersonation_withheld"
