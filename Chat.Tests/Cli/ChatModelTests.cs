using Chat.Cli.Chatting;
using Chat.Protocol;
using Chat.Protocol.Client;
using Xunit;

namespace Chat.Tests.Cli;

public sealed class ChatModelTests
{
    private DateTime _now = Wire.Noon;
    private int _ids;
    private readonly ChatModel _model;

    public ChatModelTests() => _model = new ChatModel(() => _now, () => $"own-{++_ids}");

    private IReadOnlyList<Effect> Type(string line)
    {
        _model.Line.Set(line);
        return _model.Submit();
    }

    private IReadOnlyList<Effect> Receive(ServerEvent e) => _model.Fold(new ClientEvent.Received(e, default));

    private RoomView Room(string name) => _model.Rooms.Single(room => room.Name == name);

    private string LastLine => _model.Current.Scroll.Lines.Last() switch
    {
        ChatLine.Notice notice => notice.Sentence,
        ChatLine.Said said => said.Text,
        ChatLine.Outgoing outgoing => outgoing.Text,
        var other => other.ToString(),
    };

    private void Enter(params string[] rooms)
    {
        _model.LogIn("ana");
        _model.Fold(new ConnectionState(ConnectionStatus.Online));
        _model.LoggedIn(rooms);
        foreach (var room in rooms)
            Receive(Wire.Page([Wire.Message(1, room: room)], room, live: true));
    }

    [Fact]
    public void Should_ask_for_a_name_first_and_again_when_it_is_taken()
    {
        Assert.True(_model.AsksName);
        Assert.Equal([new Effect.Login("ana")], Type(" ana "));
        _model.AskName("ana", "The name ana is taken.");
        Assert.True(_model.AsksName);
        Assert.Equal("ana", _model.Line.Text);
        Assert.Equal("The name ana is taken.", LastLine);
    }

    [Fact]
    public void Should_say_what_is_wrong_with_a_name_before_it_is_sent()
    {
        Assert.Empty(Type("no spaces allowed"));
        Assert.True(_model.AsksName);
    }

    [Fact]
    public void Should_enter_the_first_rooms_and_show_the_first()
    {
        _model.LogIn("ana");
        Assert.Equal([new Effect.Join("general"), new Effect.Join("dev")], _model.LoggedIn(["General", "dev"]));
        Assert.Equal("general", _model.Current.Name);
    }

    [Fact]
    public void Should_enter_what_was_asked_for_before_there_was_a_connection_too()
    {
        _model.LogIn("ana");
        Type("/join dev");
        Assert.Equal([new Effect.Join("dev"), new Effect.Join("general")], _model.LoggedIn(["general"]));
    }

    [Fact]
    public void Should_come_back_to_its_rooms_and_send_again_what_was_not_stored_after_a_new_login()
    {
        Enter("general");
        Type("lost?");
        _model.Line.Set("being typed");
        _model.AskName("ana", "Replaced by another connection.");
        _model.Line.Set("ana2");
        Assert.Equal([new Effect.Login("ana2")], _model.Submit());
        Assert.Equal([new Effect.Join("general", 1, "e1"), new Effect.Publish("general", "lost?", "own-1")], _model.LoggedIn(["general"]));
        Assert.Equal("being typed", _model.Line.Text);
    }

    [Fact]
    public void Should_count_what_is_unread_elsewhere_and_forget_it_when_shown()
    {
        Enter("general", "dev");
        Receive(Wire.Message(2, room: "general"));
        Receive(Wire.Message(2, room: "dev"));
        Receive(Wire.Message(2, room: "dev"));
        Receive(Wire.Message(3, user: "ana", room: "dev"));
        Assert.Equal((0, 1, false), (Room("general").Unread, Room("dev").Unread, Room("dev").IsMentioned));
        Receive(Wire.Message(4, "hey Ana, look", room: "dev"));
        Assert.True(Room("dev").IsMentioned);
        _model.ShowAt(1);
        Assert.Equal((0, false), (Room("dev").Unread, Room("dev").IsMentioned));
    }

    [Fact]
    public void Should_count_what_came_while_it_was_away_but_not_the_first_page()
    {
        Enter("general", "dev");
        Assert.Equal(0, Room("dev").Unread);
        Assert.Equal([new Effect.AskWho("dev")], Receive(Wire.Page(Wire.Messages(2, 4).Select(m => Wire.Message(m.Seq, room: "dev")), "dev", live: true)));
        Assert.Equal(3, Room("dev").Unread);
    }

    [Fact]
    public void Should_mark_what_is_sent_until_it_is_stored_or_refused()
    {
        Enter("general");
        Assert.Equal([new Effect.Publish("general", "hello", "own-1")], Type("hello"));
        Assert.Equal("", _model.Line.Text);
        Assert.Equal(OutgoingStatus.Queued, Assert.Single(_model.Current.Scroll.Outgoing).Status);
        _model.Fold(new ClientEvent.PublishChanged(new OutgoingMessage("own-1", "general", "hello", OutgoingStatus.Sent)));
        Receive(Wire.Message(2, "hello", "ana", id: "own-1"));
        Assert.Empty(_model.Current.Scroll.Outgoing);

        Type("again");
        var error = new ServerEvent.Error(ErrorCodes.MessageTooLong, "Too long.");
        _model.Fold(new ClientEvent.PublishChanged(new OutgoingMessage("own-2", "general", "again", OutgoingStatus.Refused, Error: error)));
        Assert.Equal("Too long.", Assert.IsType<ChatLine.Outgoing>(_model.Current.Scroll.Lines.Last()).Reason);
    }

    [Fact]
    public void Should_keep_the_line_when_it_can_not_be_said()
    {
        Enter("general");
        var text = new string('x', 4001);
        Assert.Empty(Type(text));
        Assert.Equal(text, _model.Line.Text);
        Assert.Contains("4001", LastLine, StringComparison.Ordinal);
    }

    [Fact]
    public void Should_answer_commands_that_can_not_be_carried_out_with_a_line()
    {
        Enter("general");
        foreach (var (line, hint) in new[]
        {
            ("/bogus", "no command /bogus"), ("/switch dev", "/join dev"), ("/leave dev", "not in dev"), ("/history", "nothing older"),
        })
        {
            Assert.Empty(Type(line));
            Assert.Contains(hint, LastLine, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Should_turn_commands_into_effects()
    {
        Enter("general");
        Assert.Equal([new Effect.Join("dev")], Type("/join Dev"));
        Assert.Equal("dev", _model.Current.Name);
        Assert.Empty(Type("/join general"));
        Assert.Equal("general", _model.Current.Name);
        Assert.Equal([new Effect.Leave("dev")], Type("/leave DEV"));
        Assert.Equal([new Effect.AskRooms()], Type("/rooms"));
        Assert.Equal([new Effect.AskWho("general")], Type("/who"));
        Assert.Equal([new Effect.Quit()], Type("/quit"));
        _model.Left("general");
        Assert.Equal("dev", _model.Current.Name);
    }

    [Fact]
    public void Should_quit_only_when_asked_twice_when_something_is_not_stored_yet()
    {
        Enter("general");
        Type("hello");
        Assert.Empty(Type("/quit"));
        Assert.Contains("isn't stored yet", _model.Current.Scroll.Lines.OfType<ChatLine.Notice>().Single().Sentence);
        _now += TimeSpan.FromSeconds(11);
        Assert.Empty(_model.Quit());
        Assert.Equal([new Effect.Quit()], _model.Quit());
    }

    [Fact]
    public void Should_take_the_rooms_name_from_the_server()
    {
        Enter("general");
        Type("/join Straße");
        var asked = _model.Current.Name;
        _model.Joined(asked, Wire.Page([Wire.Message(1, room: "server-name")], "server-name", live: true));
        Assert.Equal("server-name", _model.Current.Name);
        Assert.Equal(["general", "server-name"], _model.Rooms.Select(room => room.Name));
    }

    [Fact]
    public void Should_drop_the_room_when_it_can_not_be_entered()
    {
        Enter("general");
        Type("/join dev");
        _model.NotJoined("dev", "Too many rooms.");
        Assert.Equal("general", _model.Current.Name);
        Assert.Equal("dev can't be joined: Too many rooms.", LastLine);
    }

    [Fact]
    public void Should_load_older_pages_one_at_a_time()
    {
        Enter("general");
        Receive(Wire.Page(Wire.Messages(60, 70), epoch: "e2", more: true, live: true));
        Assert.Equal([new Effect.LoadOlder("general", 60, 50)], _model.ReachedTop());
        Assert.Empty(_model.ReachedTop());
        _model.LoadedOlder("general", Wire.Page(Wire.Messages(1, 59), epoch: "e2"), null);
        Assert.Empty(_model.ReachedTop());
        Assert.Equal(1, _model.Current.Scroll.Oldest);
    }

    [Fact]
    public void Should_follow_who_is_here_and_who_types()
    {
        Enter("general");
        Receive(new ServerEvent.Who("general", ["ana", "bea"], 2));
        Receive(new ServerEvent.Joined("general", "carl", 3, "carl joined the room", _now));
        Receive(new ServerEvent.Left("general", "bea", 2, "bea left the room", _now));
        Assert.Equal(["ana", "carl"], _model.Current.Members);
        Receive(new ServerEvent.Typing("general", "carl"));
        Assert.Equal(["carl"], _model.Current.Typing);
        _now += TimeSpan.FromSeconds(6);
        _model.Tick();
        Assert.Empty(_model.Current.Typing);
        Receive(new ServerEvent.Presence("general", 50, 3, 120, "", _now));
        Assert.Equal(120, _model.Current.Online);
        Assert.Equal([new Effect.AskWho("general")], _model.Tick());
        Assert.Empty(_model.Tick());
    }

    [Fact]
    public void Should_tell_that_it_types_at_most_once_in_three_seconds_and_never_of_commands()
    {
        Enter("general");
        _model.Line.Set("/jo");
        Assert.Empty(_model.Typed());
        _model.Line.Set("hel");
        Assert.Equal([new Effect.TellTyping("general")], _model.Typed());
        Assert.Empty(_model.Typed());
        _now += TimeSpan.FromSeconds(3);
        Assert.Single(_model.Typed());
    }

    [Fact]
    public void Should_keep_the_line_through_a_reconnect()
    {
        Enter("general");
        _model.Line.Set("half a sent");
        _model.Fold(new ConnectionState(ConnectionStatus.Waiting, Wire.Noon, "Connection refused"));
        Assert.Single(Type("half a sentence"));
        _model.Line.Set("next");
        _model.Fold(new ConnectionState(ConnectionStatus.Online));
        Assert.Equal("next", _model.Line.Text);
        Assert.Single(_model.Current.Scroll.Outgoing);
    }
}
