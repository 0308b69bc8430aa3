using System.Globalization;
using Chat.Cli.Chatting;
using Chat.Cli.Text;
using Chat.Protocol.Client;

namespace Chat.Cli.Screen;

/// <summary>A row of the scroll: pieces of safe text, each in its style.</summary>
internal sealed record Row(params (string Text, Style Style)[] Pieces);

/// <summary>Lays the lines of a room out in rows of a given width: time, name, a rule, and the text beside it.</summary>
internal sealed class RowMaker
{
    private const string Rule = " │ ";

    private readonly int _width;
    private readonly int _timeWidth;
    private readonly int _nameWidth;
    private readonly int _textWidth;
    private readonly TimeZoneInfo _zone;
    private readonly string? _user;

    /// <param name="width">Cells of a row.</param>
    /// <param name="user">The user's own name.</param>
    /// <param name="zone">The zone in which times are told.</param>
    public RowMaker(int width, string? user, TimeZoneInfo zone)
    {
        (_width, _user, _zone) = (width, user, zone);
        _nameWidth = width < 50 ? 6 : width < 80 ? 10 : 14;
        _timeWidth = width < 32 ? 0 : 6;
        _textWidth = Math.Max(2, width - _timeWidth - _nameWidth - Rule.Length - 1);
    }

    /// <summary>The rows of one line; a day's first one begins with the day.</summary>
    public List<Row> Of(RoomScroll scroll, int index)
    {
        var line = scroll[index];
        var rows = new List<Row>();
        if (line is ChatLine.Said && IsNewDay(scroll, index))
            rows.Add(Separator(Local(line.Time).ToString("dddd, d MMMM yyyy", CultureInfo.InvariantCulture), Theme.Line));
        switch (line)
        {
            case ChatLine.Said said:
                AddText(rows, Time(said), Name(said.User), said.Text, IsMention(said) ? Theme.Mention : Style.Plain);
                break;
            case ChatLine.Outgoing outgoing:
                AddOutgoing(rows, outgoing);
                break;
            case ChatLine.Notice notice:
                AddNotice(rows, notice);
                break;
            case ChatLine.Gap gap:
                rows.Add(Separator(gap.Sentence, Theme.Unread));
                break;
        }
        return rows;
    }

    private bool IsNewDay(RoomScroll scroll, int index)
    {
        var day = Local(scroll[index].Time).Date;
        for (var before = index - 1; before >= 0; before--)
        {
            if (scroll[before] is ChatLine.Said said)
                return Local(said.Time).Date != day;
        }
        return day != Local(DateTime.UtcNow).Date;
    }

    private void AddOutgoing(List<Row> rows, ChatLine.Outgoing outgoing)
    {
        var isRefused = outgoing.Status == OutgoingStatus.Refused;
        var style = outgoing.Status == OutgoingStatus.Stored ? Style.Plain : Theme.Waiting;
        AddText(rows, Time(outgoing), Name(outgoing.User), outgoing.Text, style);
        if (isRefused)
            AddText(rows, "", ("", Style.Plain), $"✗ not sent: {outgoing.Reason}", Theme.Wrong);
        else if (outgoing.Status != OutgoingStatus.Stored)
            rows[^1] = new Row([.. rows[^1].Pieces, (" … sending", Theme.Waiting)]);
    }

    private void AddNotice(List<Row> rows, ChatLine.Notice notice)
    {
        var (sign, style) = notice.Kind switch
        {
            NoticeKind.Came => ("→", Theme.Came),
            NoticeKind.Went => ("←", Theme.Faint),
            NoticeKind.Wrong => ("✗", Theme.Wrong),
            NoticeKind.Server => ("•", Theme.Unread),
            _ => ("·", Theme.Faint),
        };
        AddText(rows, Time(notice), (sign, style), notice.Sentence, style);
    }

    private void AddText(List<Row> rows, string time, (string Text, Style Style) name, string text, Style style)
    {
        var shown = Cells.Clip(name.Text, _nameWidth);
        var head = (Time: _timeWidth > 0 ? time.PadRight(_timeWidth) : "", Name: new string(' ', _nameWidth - Cells.Of(shown)) + shown);
        foreach (var part in SafeText.Lines(text).SelectMany(line => Cells.Wrap(line, _textWidth)))
        {
            rows.Add(new Row((head.Time, Theme.Faint), (head.Name, name.Style), (Rule, Theme.Line), (part, style)));
            head = (new string(' ', _timeWidth), new string(' ', _nameWidth));
        }
    }

    private Row Separator(string sentence, Style style)
    {
        var text = Cells.Clip($" {SafeText.Line(sentence)} ", _width - 5);
        var rest = Math.Max(0, _width - 5 - Cells.Of(text));
        return new Row(("────" + text + new string('─', rest), style));
    }

    private (string Text, Style Style) Name(string user) => (SafeText.Line(user), new Style(NameColours.Of(user), Bold: user == _user));

    private bool IsMention(ChatLine.Said said) =>
        _user is { Length: > 0 } && said.User != _user && said.Text.Contains(_user, StringComparison.OrdinalIgnoreCase);

    private string Time(ChatLine line) => Local(line.Time).ToString("HH:mm", CultureInfo.InvariantCulture);

    private DateTime Local(DateTime utc) => TimeZoneInfo.ConvertTimeFromUtc(DateTime.SpecifyKind(utc, DateTimeKind.Utc), _zone);
}
