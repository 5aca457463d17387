"""A query's words in the language of the database's index."""

from typing import Final

from mail.search.index import ATTACHMENT, account_trait
from mail.search.query import Place, Query, Term

_COLUMNS: Final = {
    Place.ANYWHERE: "{subject sender recipients body}",
    Place.SUBJECT: "subject",
    Place.SENDER: "sender",
    Place.RECIPIENTS: "recipients",
    Place.BODY: "body",
}
_WEIGHTS: Final = {
    Place.ANYWHERE: "",
    Place.SUBJECT: "A",
    Place.SENDER: "B",
    Place.RECIPIENTS: "C",
    Place.BODY: "D",
}


def fts5(account: int, query: Query) -> str:
    """For MATCH of SQLite's FTS5. Words consist of letters and digits: nothing needs to be escaped."""
    wanted = [f'traits : "{account_trait(account)}"']
    unwanted: list[str] = []
    if query.attachment is not None:
        (wanted if query.attachment else unwanted).append(f'traits : "{ATTACHMENT}"')
    for term in query.terms:
        (unwanted if term.negated else wanted).append(_fts5_term(term))
    positive = " AND ".join(wanted)
    return f"({positive}) NOT ({' OR '.join(unwanted)})" if unwanted else positive


def _fts5_term(term: Term) -> str:
    return f'{_COLUMNS[term.place]} : "{" ".join(term.words)}"{" *" if term.open_end else ""}'


def tsquery(query: Query) -> str:
    """For @@ of PostgreSQL; empty when every message of the account matches."""
    parts = []
    if query.attachment is not None:
        parts.append(f"{'' if query.attachment else '!'}'has:attachment'")
    for term in query.terms:
        parts.append(f"{'!' if term.negated else ''}({_tsquery_term(term)})")
    return " & ".join(parts)


def _tsquery_term(term: Term) -> str:
    weight = _WEIGHTS[term.place]
    last = len(term.words) - 1
    lexemes = []
    for number, word in enumerate(term.words):
        options = ("*" if term.open_end and number == last else "") + weight
        lexemes.append(f"'{word}'" + (f":{options}" if options else ""))
    return " <-> ".join(lexemes)
