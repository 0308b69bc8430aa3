using Chat.Protocol;
using Chat.Protocol.Client;

namespace Chat.Cli.Chatting;

/// <summary>
/// All that the full-screen chat shows. What happens is folded in, and what is to be done about it comes out as effects; no
/// terminal, no connection, no clock of its own.
/// </summary>
internal sealed partial class ChatModel
{
    private static readonly TimeSpan TypingTold = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan QuitAgain = TimeSpan.FromSeconds(10);

    private readonly List<RoomView> _rooms = [];
    private readonly RoomView _lobby = new("");
    private readonly Completion _completion = new();
    private readonly Func<DateTime> _now;
    private readonly Func<string> _newId;
    private RoomView? _current;
    private string _draft = "";
    private DateTime _typingTold;
    private DateTime? _quitAt;
    private bool _wasLoggedIn;

    /// <summary>A model that asks for a name.</summary>
    /// <param name="now">The time, UTC.</param>
    /// <param name="newId">Makes an id for each message.</param>
    public ChatModel(Func<DateTime> now, Func<string> newId) => (_now, _newId) = (now, newId);

    /// <summary>The rooms, in the order of their numbers.</summary>
    public IReadOnlyList<RoomView> Rooms => _rooms;

    /// <summary>The room that is shown; one without a name while there is none.</summary>
    public RoomView Current => _current ?? _lobby;

    /// <summary>The line being typed.</summary>
    public LineEditor Line { get; } = new();

    /// <summary>The user's name; null before there is one.</summary>
    public string? User { get; private set; }

    /// <summary>Whether the line is for a name; else it is for the room.</summary>
    public bool AsksName { get; private set; } = true;

    /// <summary>How the connection is doing.</summary>
    public ConnectionState Connection { get; private set; } = new(ConnectionStatus.Closed);

    /// <summary>The last round trip that was measured.</summary>
    public TimeSpan? RoundTrip { get; private set; }

    /// <summary>The limits in force.</summary>
    public Limits Limits { get; set; } = new();

    /// <summary>Asks for a name, for a reason if there is one. What was being typed comes back afterwards.</summary>
    public void AskName(string suggestion, string? reason)
    {
        if (!AsksName)
            _draft = Line.Text;
        AsksName = true;
        Connection = new ConnectionState(ConnectionStatus.Closed);
        Line.Set(suggestion);
        if (reason is not null)
            Notice(reason, NoticeKind.Wrong);
    }

    /// <summary>Takes a name as given.</summary>
    public IReadOnlyList<Effect> LogIn(string name)
    {
        if (UserName.Parse(name, out var problem) is not { } user)
        {
            AskName(name, problem);
            return [];
        }
        User = user.Value;
        AsksName = false;
        Line.Set(_draft);
        _draft = "";
        return [new Effect.Login(user.Value)];
    }

    /// <summary>Enters a room, or shows it where one is in it.</summary>
    public IReadOnlyList<Effect> Join(string typed)
    {
        if (RoomName.Parse(typed, out var problem) is not { } room)
        {
            Notice(problem, NoticeKind.Wrong);
            return [];
        }
        if (Find(room.Value) is { } known)
        {
            Show(known);
            return [];
        }
        Show(FindOrAdd(room.Value));
        return [new Effect.Join(room.Value)];
    }

    /// <summary>The connection of a new login is there: every room is entered, and what wasn't stored is sent again.</summary>
    public IReadOnlyList<Effect> LoggedIn(IEnumerable<string> firstRooms)
    {
        Effect[] again = [.. _rooms.Select(Rejoin), .. _rooms.SelectMany(Republish)];
        if (_wasLoggedIn)
            return again;
        _wasLoggedIn = true;
        Effect[] all = [.. again, .. firstRooms.SelectMany(Join)];
        ShowAt(0);
        return all;
    }

    /// <summary>The line is done: it is carried out.</summary>
    public IReadOnlyList<Effect> Submit()
    {
        if (AsksName)
            return LogIn(Line.Text.Trim());
        if (Line.Text.Trim().Length == 0)
            return [];
        var current = Current;
        if (SlashCommand.Parse(Line.Text) is SlashCommand.Say say)
            return Say(current, say.Text);
        return Carry(SlashCommand.Parse(Line.Submit())!);
    }

    /// <summary>Tab.</summary>
    public void Complete(bool backwards = false)
    {
        if (AsksName)
            return;
        var speakers = Current.Scroll.Lines.OfType<ChatLine.Said>().Reverse().Select(line => line.User).Take(100);
        _completion.Apply(Line, _rooms.Select(room => room.Name).Concat(_knownRooms), speakers.Concat(Current.Members).Where(name => name != User), backwards);
    }

    /// <summary>The line changed under the user's hands.</summary>
    public IReadOnlyList<Effect> Typed()
    {
        var now = _now();
        if (AsksName || _current is null || Line.Text.StartsWith('/') || Line.Text.Trim().Length == 0
            || Connection.Status != ConnectionStatus.Online || now - _typingTold < TypingTold)
            return [];
        _typingTold = now;
        return [new Effect.TellTyping(_current.Name)];
    }

    /// <summary>Shows the room of this number, from 0.</summary>
    public void ShowAt(int index)
    {
        if (index >= 0 && index < _rooms.Count)
            Show(_rooms[index]);
    }

    /// <summary>Shows the next room, or the one before.</summary>
    public void ShowNext(int step)
    {
        if (_rooms.Count > 0)
            Show(_rooms[((_current is null ? 0 : _rooms.IndexOf(_current)) + step + _rooms.Count) % _rooms.Count]);
    }

    /// <summary>The view reached the top of what is known of the current room.</summary>
    public IReadOnlyList<Effect> ReachedTop(int count = Limits.HistoryLimit)
    {
        if (_current is not { IsLoading: false, Scroll: { HasOlder: true, Oldest: { } oldest } } room || Connection.Status != ConnectionStatus.Online)
            return [];
        room.IsLoading = true;
        return [new Effect.LoadOlder(room.Name, oldest, count)];
    }

    /// <summary>Time passes.</summary>
    public IReadOnlyList<Effect> Tick()
    {
        foreach (var room in _rooms)
            room.Tick(_now());
        if (_current is not { IsStale: true } || Connection.Status != ConnectionStatus.Online)
            return [];
        _current.IsStale = false;
        return [new Effect.AskWho(_current.Name)];
    }

    /// <summary>A line of the program's own, in the room that is shown.</summary>
    public void Notice(string sentence, NoticeKind kind = NoticeKind.Local) => Current.Scroll.AddNotice(sentence, kind, _now());

    private static Effect Rejoin(RoomView room) => room.Scroll.Epoch is { } epoch
        ? new Effect.Join(room.Name, room.Scroll.Newest, epoch)
        : new Effect.Join(room.Name);

    private static IEnumerable<Effect> Republish(RoomView room) => room.Scroll.Outgoing
        .Where(line => line.Status is OutgoingStatus.Queued or OutgoingStatus.Sent)
        .Select(line => new Effect.Publish(room.Name, line.Text, line.Id));

    private static string Folded(string room) => RoomName.Parse(room, out _)?.Value ?? room;

    private RoomView? Find(string room) => _rooms.Find(known => known.Name == room);

    private RoomView FindOrAdd(string room)
    {
        if (Find(room) is { } known)
            return known;
        var added = new RoomView(room);
        _rooms.Add(added);
        return added;
    }

    private void Show(RoomView room)
    {
        _current = room;
        room.Seen();
    }
}
