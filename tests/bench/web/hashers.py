"""A password hasher that is as slow as an attack can wait for, and slow enough that leaving it out would show."""

from django.contrib.auth.hashers import PBKDF2PasswordHasher


class QuickHasher(PBKDF2PasswordHasher):
    iterations = 20_000
