"""Members of staff as everybody else asks for them: by number, by account, by who leads them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime, timedelta

from bot.errors import BadInput
from bot.learning.people.codes import digest, new_code, read_code
from bot.learning.people.person import ROLE_NAMES, Person
from bot.stores.learning.people import Account, PeopleStore, StaffRecord

CODE_HOLDS = timedelta(days=7)


class Staff:
    def __init__(self, store: PeopleStore) -> None:
        self._store = store

    def get(self, person: str) -> Person | None:
        record = self._store.get(person)
        return _person(record) if record else None

    def all(self, *, with_left: bool = False) -> list[Person]:
        """Everybody who has not left, by number."""
        return [_person(record) for record in self._store.all(with_left=with_left)]

    def led_by(self, person: str) -> list[Person]:
        """Whose trainer or manager this person is."""
        return [_person(record) for record in self._store.led_by(person)]

    def save(self, people: Iterable[Person]) -> None:
        """Add or replace, all or none."""
        self._store.save([StaffRecord(**asdict(one)) for one in people])

    def person_of(self, account: str) -> Person | None:
        record = self._store.person_of(account) if account else None
        return _person(record) if record else None

    def accounts_of(self, person: str) -> list[Account]:
        """Newest first."""
        return list(self._store.accounts_of(person))

    def new_code(self, person: str, at: datetime) -> str:
        """A one-time code for a person, good for a week; the one before ends. Raises BadInput for a number nobody has."""
        if (one := self.get(person)) is None or one.left:
            raise BadInput(f"没有工号 {person}。", "先用 anxun people import 导入人员，再发绑定码。")
        code = new_code()
        self._store.add_code(digest(code), person, at + CODE_HOLDS)
        return code

    def spend(self, code: str, account: Account, at: datetime) -> Person | None:
        """Binds an account to the code's person; None for a code that is unknown, used, or too old."""
        read = read_code(code)
        spent = self._store.spend_code(digest(read), account, at) if read else None
        return self.get(spent) if spent else None

    def bind(self, account: Account, person: str, at: datetime) -> None:
        self._store.bind(account, person, at)

    def unbind(self, account: str) -> None:
        self._store.unbind(account)


def _person(record: StaffRecord) -> Person:
    role = record.role if record.role in ROLE_NAMES else "staff"
    return Person(**{**asdict(record), "role": role})
