"""Recognising what a folder is for by the names that mail programs give to it, in several languages."""

from importer.formats.source import Role

_NAMES: dict[Role, str] = {
    "inbox": """
        inbox, posteingang, boîte de réception, bandeja de entrada, entrada, posta in arrivo, caixa
        de entrada, postvak in, odebrane, входящие, inkorg, indbakke, innboks, saapuneet, doručená
        pošta, 受信トレイ, 收件箱
    """,
    "sent": """
        sent, sent items, sent messages, sent mail, sent-mail, sentmail, outbox-sent, gesendet,
        gesendete elemente, gesendete objekte, gesendete nachrichten, envoyés, messages envoyés,
        éléments envoyés, courrier envoyé, enviados, elementos enviados, mensajes enviados, correo
        enviado, inviati, inviata, posta inviata, posta inviata, itens enviados, mensagens enviadas,
        verzonden, verzonden items, verzonden berichten, wysłane, elementy wysłane, отправленные,
        skickat, skickade, sendt, sendte elementer, lähetetyt, odeslané, odeslaná pošta, elküldött,
        trimise, gönderilmiş, απεσταλμένα, 送信済み, 送信済みトレイ, 已发送, 已发送邮件, 보낸편지함
    """,
    "drafts": """
        drafts, draft, entwürfe, entwurf, brouillons, brouillon, borradores, borrador, bozze, bozza,
        rascunhos, rascunho, concepten, concept, robocze, wersje robocze, szkice, черновики, utkast,
        kladder, luonnokset, koncepty, rozepsané, piszkozatok, ciorne, taslaklar, πρόχειρα, 下書き, 草稿,
        草稿箱, 임시보관함
    """,
    "junk": """
        junk, junk e-mail, junk email, junk mail, spam, bulk mail, unerwünscht, werbung,
        spamverdacht, junk-e-mail, indésirables, courrier indésirable, pourriel, pourriels, correo
        no deseado, no deseado, basura, posta indesiderata, indesiderata, lixo eletrônico, lixo
        eletrónico, ongewenst, ongewenste e-mail, ongewenste reclame, niechciane, wiadomości-śmieci,
        спам, skräppost, uønsket e-post, uønsket mail, søppelpost, roskaposti, nevyžádaná pošta,
        levélszemét, istenmeyen, ανεπιθύμητα, 迷惑メール, 垃圾邮件, 스팸함
    """,
    "trash": """
        trash, deleted, deleted items, deleted messages, bin, gelöscht, gelöschte elemente,
        gelöschte objekte, gelöschte nachrichten, papierkorb, corbeille, éléments supprimés,
        messages supprimés, papelera, elementos eliminados, eliminados, cestino, eliminata, posta
        eliminata, elementi eliminati, lixeira, lixo, itens excluídos, itens eliminados, prullenbak,
        verwijderde items, verwijderde berichten, kosz, elementy usunięte, usunięte, корзина,
        удаленные, удалённые, papperskorg, papperskorgen, borttaget, slettet, slettede elementer,
        papirkurv, roskakori, poistetut, koš, odstraněná pošta, törölt elemek, lomtár, coș de gunoi,
        çöp kutusu, κάδος απορριμμάτων, ゴミ箱, 削除済みアイテム, 已删除邮件, 废纸篓, 휴지통
    """,
    "archive": """
        archive, archives, archiv, archiviert, archivierte elemente, archivos, archivo, archivio,
        arquivo, arquivos, archief, archiwum, архив, arkiv, arkisto, archív, arhivă, arşiv, αρχείο,
        all mail, alle nachrichten, tous les messages, todos, todos os e-mails, tutti i messaggi,
        アーカイブ, 归档, 存档
    """,
}
_ROLES: dict[str, Role] = {
    " ".join(name.casefold().split()): role for role, names in _NAMES.items() for name in names.split(",")
}
_WRAPPERS = frozenset(("inbox", "[gmail]", "[google mail]"))


def role_of(path: str) -> Role:
    """What the folder is for; "" when its name says nothing.

    Only at the top, or right below Inbox or Gmail's own folder: "Work/Sent" is somebody's own.
    """
    levels = path.split("/")
    if len(levels) == 2 and levels[0].casefold() in _WRAPPERS:
        del levels[0]
    if len(levels) != 1:
        return ""
    return _ROLES.get(" ".join(levels[0].casefold().split()), "")
