"""Which datasets a job is about, where a search says so."""

from api.services import Services
from api.services.search import expressions
from models.patience import allow_long
from models.search import matching_keys
from tagger.retrieval.intent import understand
from tagger.retrieval.syntax import parse_query


def datasets_matching(services: Services, query: str, *, patient: bool = True) -> tuple[int, ...]:
    """The keys of all datasets that have every word of a query, as the search shows them.

    Those that only come near a query are left out: a job should not do what nobody asked for.

    Args:
        patient: whether the search may take longer than others: a word that millions have does.

    Raises:
        QueryError: the query cannot be read.
    """
    intent = understand(parse_query(query), services.meaning, services.thesaurus)
    with services.database.reading() as session:
        if patient:
            allow_long(session)
        return tuple(matching_keys(session, expressions.anywhere(intent)))
