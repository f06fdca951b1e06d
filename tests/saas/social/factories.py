"""Rows of the community for tests; each valid by itself."""

import factory
from factory.django import DjangoModelFactory

from saas.social.models import Comment, Post, Profile
from saas.visitors.models import Visitor


class VisitorFactory(DjangoModelFactory[Visitor]):
    class Meta:
        model = Visitor


class ProfileFactory(DjangoModelFactory[Profile]):
    class Meta:
        model = Profile

    visitor = factory.SubFactory(VisitorFactory)
    handle = factory.Sequence(lambda n: f"person{n}")
    name = factory.Sequence(lambda n: f"Person {n}")


class PostFactory(DjangoModelFactory[Post]):
    class Meta:
        model = Post

    author = factory.SubFactory(ProfileFactory)
    text = factory.Sequence(lambda n: f"Post {n}")


class CommentFactory(DjangoModelFactory[Comment]):
    class Meta:
        model = Comment

    post = factory.SubFactory(PostFactory)
    author = factory.SubFactory(ProfileFactory)
    text = factory.Sequence(lambda n: f"Comment {n}")
