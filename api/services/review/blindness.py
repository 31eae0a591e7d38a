"""What a reviewer who is asked for a blind second opinion does not get to see."""

from sqlalchemy.orm import Session

from api.services.accounts import Person
from api.services.datasets import StoredDataset
from models.deciding import NOTHING_STANDS
from models.review.items import Opinions, opinions_of
from models.review.leases import Held, own_lease, second_leases
from models.review.tables import FOR_SECOND


def is_blind(person: Person, held: Held | None, opinions: Opinions | None) -> bool:
    """Whether a person who has a lease is asked for a second opinion that nobody has given yet."""
    return (
        held is not None
        and held.account_id == person.id
        and held.purpose == FOR_SECOND
        and opinions is not None
        and opinions.second is None
        and opinions.first.account_id != person.id
    )


def is_blind_on(session: Session, person: Person, dataset_id: int) -> bool:
    """Whether a person is asked for a blind second opinion on a dataset; in two statements."""
    held = own_lease(session, dataset_id, person.id)
    return held is not None and is_blind(person, held, opinions_of(session, [dataset_id]).get(dataset_id))


def blind_datasets(session: Session, person: Person) -> set[int]:
    """Keys of the datasets on which a person is asked for a second opinion; in two statements."""
    leased = second_leases(session, person.id)
    opinions = opinions_of(session, leased) if leased else {}
    return {key for key in leased if key in opinions and opinions[key].first.account_id != person.id}


def hidden(dataset: StoredDataset) -> StoredDataset:
    """A dataset as if nobody had decided on it: nothing stands, and no suggested label is missing."""
    return dataset._replace(standing=NOTHING_STANDS, suggestion=dataset.whole_suggestion)
