namespace Chat.Cli.Chatting;

/// <summary>A room as it is shown: its scroll, who is in it, and what hasn't been looked at.</summary>
internal sealed class RoomView(string name)
{
    private static readonly TimeSpan TypingLasts = TimeSpan.FromSeconds(5);

    private readonly SortedSet<string> _members = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, DateTime> _typing = [];

    public string Name => name;

    public RoomScroll Scroll { get; } = new();

    /// <summary>Messages that came since the room was last shown.</summary>
    public int Unread { get; set; }

    /// <summary>Whether one of them names the user.</summary>
    public bool IsMentioned { get; set; }

    /// <summary>How many are in the room.</summary>
    public int Online { get; set; }

    /// <summary>Whether a page of older messages is being loaded.</summary>
    public bool IsLoading { get; set; }

    /// <summary>Whether the members are known to be out of date.</summary>
    public bool IsStale { get; set; }

    /// <summary>Where the view's lower edge stands while it is scrolled back: a line, and which of its rows. Null: at the end.</summary>
    public (ChatLine Line, int Row)? Anchor { get; set; }

    /// <summary>Who is in the room, as far as is known, sorted.</summary>
    public IReadOnlyCollection<string> Members => _members;

    /// <summary>Who is typing.</summary>
    public IEnumerable<string> Typing => _typing.Keys.Order(StringComparer.OrdinalIgnoreCase);

    public void SetMembers(IEnumerable<string> members, int online)
    {
        _members.Clear();
        _members.UnionWith(members);
        (Online, IsStale) = (online, false);
    }

    public void Came(string user, int? online)
    {
        _members.Add(user);
        Online = online ?? _members.Count;
    }

    public void Went(string user, int? online)
    {
        _members.Remove(user);
        _typing.Remove(user);
        Online = online ?? _members.Count;
    }

    public void Types(string user, DateTime now) => _typing[user] = now + TypingLasts;

    public void Spoke(string user) => _typing.Remove(user);

    public void Tick(DateTime now)
    {
        foreach (var (user, until) in _typing)
        {
            if (until <= now)
                _typing.Remove(user);
        }
    }

    /// <summary>It is being looked at.</summary>
    public void Seen() => (Unread, IsMentioned) = (0, false);
}
