"""A second opinion: a language model beside the rules."""

from events.dashboard import opinion

opinion.show()
