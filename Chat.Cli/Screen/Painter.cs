using System.Globalization;
using Chat.Cli.Chatting;
using Chat.Cli.Text;
using Chat.Protocol.Client;

namespace Chat.Cli.Screen;

/// <summary>Draws the model: rooms on the left, the room in the middle, its members on the right, the line and the status below.</summary>
internal sealed class Painter(ChatModel model, string server, TimeZoneInfo zone, Func<DateTimeOffset> now)
{
    private const int RowsBelow = 3;

    /// <summary>Where the caret stands after <see cref="Paint"/>.</summary>
    public (int X, int Y) Caret { get; private set; }

    /// <summary>The window on the current room, as it is laid out on a screen of this size.</summary>
    public ScrollWindow Window(int width, int height)
    {
        var (left, right) = Middle(width);
        return new ScrollWindow(model.Current, new RowMaker(right - left, model.User, zone), Math.Max(1, height - RowsBelow - 1));
    }

    public Canvas Paint(int width, int height)
    {
        var canvas = new Canvas(width, height);
        var (left, right) = Middle(width);
        PaintRooms(canvas, left - 2, height - RowsBelow);
        PaintMembers(canvas, right + 1, height - RowsBelow);
        PaintScroll(canvas, left, right, height);
        PaintHeader(canvas);
        PaintRule(canvas, height - 3, left, right);
        PaintLine(canvas, height - 2);
        PaintStatus(canvas, height - 1);
        return canvas;
    }

    // The columns of the middle; two before it and at its end stand the rules beside it.
    private (int Left, int Right) Middle(int width)
    {
        var rooms = width < 60 ? 0 : Math.Clamp(Widest(model.Rooms.Select(room => room.Name)) + 8, 14, 22) + 2;
        var members = width < 80 || model.Current.Name.Length == 0 ? 0 : Math.Clamp(Widest(model.Current.Members) + 3, 14, 20) + 1;
        return (rooms, width - members);
    }

    private static int Widest(IEnumerable<string> names) => names.Select(name => Cells.Of(SafeText.Line(name))).DefaultIfEmpty().Max();

    private void PaintHeader(Canvas canvas)
    {
        var room = model.Current;
        canvas.Fill(0, 0, canvas.Width, Theme.Bar);
        var x = canvas.Put(1, 0, room.Name.Length > 0 ? SafeText.Line(room.Name) : "chat", Theme.BarStrong, canvas.Width);
        if (room.Online > 0)
            x = canvas.Put(x, 0, $"  {room.Online.ToString(CultureInfo.InvariantCulture)} here", Theme.Bar, canvas.Width);
        if (room.IsLoading)
            x = canvas.Put(x, 0, "  loading older messages…", Theme.BarBusy, canvas.Width);
        var who = model.User is { } user ? $"{SafeText.Line(user)} at {server} " : $"{server} ";
        if (x + Cells.Of(who) < canvas.Width - 1)
            canvas.Put(canvas.Width - Cells.Of(who), 0, who, Theme.Bar, canvas.Width);
    }

    private void PaintRooms(Canvas canvas, int end, int bottom)
    {
        if (end <= 0)
            return;
        for (var y = 1; y < bottom; y++)
            canvas.Put(end, y, "│", Theme.Line, end + 1);
        canvas.Put(1, 1, "ROOMS", Theme.Heading, end);
        // The one that is shown stays in sight.
        var shown = Math.Max(0, bottom - 2);
        var current = Math.Max(0, model.Rooms.ToList().IndexOf(model.Current));
        var first = Math.Max(0, current - shown + 1);
        for (var i = first; i < model.Rooms.Count && i - first < shown; i++)
        {
            var (room, y) = (model.Rooms[i], i - first + 2);
            var style = room == model.Current ? Theme.Selected : room.IsMentioned ? Theme.Mention : room.Unread > 0 ? Theme.Unread : Style.Plain;
            if (room == model.Current)
                canvas.Fill(0, y, end, style);
            var count = room.Unread > 0 ? $" {Math.Min(room.Unread, 999).ToString(CultureInfo.InvariantCulture)}{(room.Unread > 999 ? "+" : "")} " : " ";
            var number = i < 9 ? (i + 1).ToString(CultureInfo.InvariantCulture) : " ";
            canvas.Put(1, y, number, room == model.Current ? style : Theme.Faint, end);
            canvas.Put(3, y, Cells.Clip(SafeText.Line(room.Name), end - 3 - count.Length), style, end);
            canvas.Put(end - count.Length, y, count, style, end);
        }
    }

    private void PaintMembers(Canvas canvas, int start, int bottom)
    {
        if (start >= canvas.Width)
            return;
        var room = model.Current;
        for (var y = 1; y < bottom; y++)
            canvas.Put(start - 1, y, "│", Theme.Line, canvas.Width);
        canvas.Put(start + 1, 1, "MEMBERS", Theme.Heading, canvas.Width);
        var rowsLeft = bottom - 2;
        var row = 2;
        foreach (var member in room.Members)
        {
            var isLast = row == bottom - 1 && room.Members.Count > rowsLeft;
            var text = isLast ? $"and {room.Online - rowsLeft + 1} more" : SafeText.Line(member);
            var style = isLast ? Theme.Faint : new Style(NameColours.Of(member), Bold: member == model.User);
            canvas.Put(start + 1, row, Cells.Clip(text, canvas.Width - start - 1), style, canvas.Width);
            if (++row >= bottom)
                break;
        }
    }

    private void PaintScroll(Canvas canvas, int left, int right, int height)
    {
        var rows = Window(canvas.Width, height).Rows();
        var y = height - RowsBelow - rows.Count;
        foreach (var row in rows)
        {
            var x = left;
            foreach (var (text, style) in row.Pieces)
                x = canvas.Put(x, y, text, style, right);
            y++;
        }
    }

    private void PaintRule(Canvas canvas, int y, int left, int right)
    {
        canvas.Fill(0, y, canvas.Width, Theme.Line, '─');
        if (left > 0)
            canvas.Put(left - 2, y, "┴", Theme.Line, canvas.Width);
        if (right < canvas.Width)
            canvas.Put(right, y, "┴", Theme.Line, canvas.Width);
        var typing = model.Current.Typing.Select(SafeText.Line).ToArray();
        var sentence = typing.Length switch
        {
            0 => "",
            1 => $" {typing[0]} is typing… ",
            2 or 3 => $" {string.Join(", ", typing)} are typing… ",
            _ => " several are typing… ",
        };
        canvas.Put(left + 2, y, sentence, Theme.Faint, right);
        if (model.Current.Anchor is not null)
        {
            const string More = " ↓ newer below: PgDn, Esc ";
            canvas.Put(Math.Max(left, right - More.Length - 2), y, More, Theme.Unread, right);
        }
    }

    private void PaintLine(Canvas canvas, int y)
    {
        var label = model.AsksName ? "your name" : model.Current.Name.Length > 0 ? Cells.Clip(SafeText.Line(model.Current.Name), 20) : "chat";
        var x = canvas.Put(1, y, label + " ❯ ", Theme.Prompt, canvas.Width);
        var before = Shown(model.Line.Text[..model.Line.Caret]);
        var after = Shown(model.Line.Text[model.Line.Caret..]);
        // The caret stays in sight, with a little of what stands before it.
        var room = Math.Max(4, canvas.Width - x - 1);
        before = Cells.Tail(before, room - 1);
        var isCommand = !model.AsksName && model.Line.Text.StartsWith('/') && !model.Line.Text.StartsWith("//", StringComparison.Ordinal);
        var style = isCommand ? Theme.Prompt : Style.Plain;
        x = canvas.Put(x, y, before, style, canvas.Width - 1);
        Caret = (x, y);
        canvas.Put(x, y, after, style, canvas.Width);
    }

    private static string Shown(string typed) => SafeText.Line(typed.Replace("\n", "⏎", StringComparison.Ordinal));

    private void PaintStatus(Canvas canvas, int y)
    {
        canvas.Fill(0, y, canvas.Width, Theme.Bar);
        var (text, style) = Status();
        var x = canvas.Put(1, y, text, style, canvas.Width - 1);
        var waiting = model.Rooms.Sum(room => room.Scroll.Outgoing.Count(line => line.Status != OutgoingStatus.Stored));
        if (waiting > 0)
            x = canvas.Put(x, y, $"   {waiting.ToString(CultureInfo.InvariantCulture)} sending", Theme.BarBusy, canvas.Width);
        if (model.Connection is { Status: not ConnectionStatus.Online, Reason: { Length: > 0 } reason })
            x = canvas.Put(x, y, "   " + SafeText.Line(reason), Theme.Bar, canvas.Width - 1);
        const string Keys = "/help   Tab completes   PgUp older   Ctrl+D quits ";
        if (x + Keys.Length + 3 < canvas.Width)
            canvas.Put(canvas.Width - Keys.Length, y, Keys, Theme.Bar, canvas.Width);
    }

    private (string Text, Style Style) Status()
    {
        switch (model.Connection.Status)
        {
            case ConnectionStatus.Online:
                var roundTrip = model.RoundTrip is { } time ? $"   {Math.Max(1, time.TotalMilliseconds).ToString("0", CultureInfo.InvariantCulture)} ms" : "";
                return ("● connected" + roundTrip, Theme.BarGood);
            case ConnectionStatus.Connecting:
                return ("◌ connecting…", Theme.BarBusy);
            case ConnectionStatus.Waiting:
                var seconds = model.Connection.RetryAt is { } at ? Math.Max(0, Math.Ceiling((at - now()).TotalSeconds)) : 0;
                return ($"○ reconnecting in {seconds.ToString("0", CultureInfo.InvariantCulture)} s", Theme.BarBad);
            default:
                return ("○ not connected", model.AsksName ? Theme.Bar : Theme.BarBad);
        }
    }
}
