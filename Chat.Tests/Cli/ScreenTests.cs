using System.Text;
using Chat.Cli.Chatting;
using Chat.Cli.Screen;
using Chat.Protocol;
using Chat.Protocol.Client;
using Xunit;

namespace Chat.Tests.Cli;

public sealed class ScreenTests
{
    private readonly ChatModel _model = new(() => Wire.Noon, () => "id");

    public ScreenTests()
    {
        _model.LogIn("ana");
        _model.Fold(new ConnectionState(ConnectionStatus.Online, RoundTrip: TimeSpan.FromMilliseconds(3)));
        _model.LoggedIn(["general", "dev"]);
    }

    private void Receive(ServerEvent e) => _model.Fold(new ClientEvent.Received(e, default));

    private string[] Paint(int width, int height)
    {
        var painter = new Painter(_model, "localhost:8181", TimeZoneInfo.Utc, () => Wire.Noon);
        var canvas = painter.Paint(width, height);
        return [.. Enumerable.Range(0, height).Select(canvas.Text)];
    }

    [Fact]
    public void Should_show_rooms_messages_members_line_and_status()
    {
        Receive(Wire.Page([Wire.Message(1, "hello\nworld"), Wire.Message(2, "hi ana", "日本")], live: true));
        Receive(new ServerEvent.Who("general", ["ana", "bea"], 2));
        Receive(Wire.Message(1, room: "dev"));
        _model.Line.Set("typ\e[31m");
        Assert.Equal(
            """
             general  2 here                                                      ana at localhost:8181
             ROOMS         │                                                             │ MEMBERS
             1 general     │ ──── Tuesday, 2 June 2026 ───────────────────────────────── │ ana
             2 dev       1 │ 12:01        bea │ hello                                    │ bea
                           │                  │ world                                    │
                           │ 12:02       日本 │ hi ana                                   │
            ───────────────┴─────────────────────────────────────────────────────────────┴──────────────
             general ❯ typ␛[31m
             ● connected   3 ms                       /help   Tab completes   PgUp older   Ctrl+D quits
            """.ReplaceLineEndings("\n"),
            string.Join('\n', Paint(92, 9)));
    }

    [Theory]
    [InlineData(20, 8)]
    [InlineData(59, 10)]
    [InlineData(79, 24)]
    [InlineData(200, 60)]
    public void Should_fit_any_size(int width, int height)
    {
        Receive(Wire.Page(Wire.Messages(1, 100), more: true, live: true));
        var rows = Paint(width, height);
        Assert.Equal(height, rows.Length);
        Assert.Contains(rows, row => row.Contains("100", StringComparison.Ordinal));
    }

    [Fact]
    public void Should_keep_the_caret_in_sight_when_the_line_is_long()
    {
        _model.Line.Set(string.Concat(Enumerable.Repeat("日本", 4_000)) + "e\u0301nd");
        var row = Paint(40, 8)[^2];
        Assert.StartsWith(" general ❯ ", row, StringComparison.Ordinal);
        Assert.EndsWith("日本e\u0301nd", row.TrimEnd(), StringComparison.Ordinal);
    }

    [Fact]
    public void Should_say_once_that_the_line_is_full()
    {
        var keys = new ChatKeys(_model, () => throw new InvalidOperationException(), () => 1);
        keys.Press(new Key(KeyCode.Paste, new string('x', 20_000)));
        keys.Press(new Key(KeyCode.Text, "y"));
        Assert.Equal(LineEditor.MostCharacters, _model.Line.Text.Length);
        Assert.Single(_model.Current.Scroll.Lines.OfType<ChatLine.Notice>(), notice => notice.Sentence.StartsWith("The line is full", StringComparison.Ordinal));
    }

    [Fact]
    public void Should_scroll_back_to_the_top_and_return()
    {
        Receive(Wire.Page(Wire.Messages(1, 50), live: true));
        var painter = new Painter(_model, "s", TimeZoneInfo.Utc, () => Wire.Noon);
        Assert.False(painter.Window(60, 14).Up(5));
        Assert.Contains(Paint(60, 14), row => row.EndsWith("text 45", StringComparison.Ordinal));
        Receive(Wire.Message(51));
        Assert.DoesNotContain(Paint(60, 14), row => row.EndsWith("text 51", StringComparison.Ordinal));
        Assert.True(painter.Window(60, 14).Up(500));
        Assert.Contains(Paint(60, 14), row => row.EndsWith("text 1", StringComparison.Ordinal));
        painter.Window(60, 14).Down(500);
        Assert.Null(_model.Current.Anchor);
        Assert.Contains(Paint(60, 14), row => row.EndsWith("text 51", StringComparison.Ordinal));
    }

    [Fact]
    public void Should_mark_what_is_not_stored_and_why_it_was_refused()
    {
        _model.Line.Set("mine");
        _model.Submit();
        Assert.Contains(Paint(80, 10), row => row.Contains("mine … sending", StringComparison.Ordinal));
        _model.Refused(new Effect.Publish("general", "mine", "id"), "No \e[31m.");
        Assert.Contains(Paint(80, 10), row => row.Contains("✗ not sent: No ␛[31m.", StringComparison.Ordinal));
    }

    [Fact]
    public void Should_count_down_to_the_next_attempt()
    {
        _model.Fold(new ConnectionState(ConnectionStatus.Waiting, Wire.Noon.AddSeconds(3.2), "Connection refused"));
        Assert.Contains("○ reconnecting in 4 s   Connection refused", Paint(80, 10)[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void Should_tell_the_place_after_what_terminals_draw_in_different_widths()
    {
        var canvas = new Canvas(10, 1);
        canvas.Put(0, 0, "a👍🏽b", Style.Plain, 10);
        Assert.StartsWith("\e[1;1H\e[0ma  \e[1;2H👍🏽\e[1;4Hb", canvas.Row(0, new Palette(ColourDepth.Full)), StringComparison.Ordinal);
    }

    [Fact]
    public void Should_colour_a_name_always_alike_and_names_differently()
    {
        Assert.Equal(NameColours.Of("Ana"), NameColours.Of("ana"));
        Assert.True(new[] { "ana", "bea", "carl", "dmitri", "eva", "fritz", "gina", "hugo" }.Select(NameColours.Of).Distinct().Count() >= 5);
    }

    [Theory]
    [InlineData("xterm-256color", null, null, "\e[0;1;38;5;160;48;5;236m")]
    [InlineData("linux", null, null, "\e[0;1;31;100m")]
    [InlineData("xterm-256color", null, "1", "\e[0;1;7m")]
    [InlineData("xterm", "truecolor", null, "\e[0;1;38;5;160;48;5;236m")]
    public void Should_use_the_colours_that_there_are(string term, string? colorTerm, string? noColor, string sequence)
    {
        var palette = Palette.FromEnvironment(name => name switch { "TERM" => term, "COLORTERM" => colorTerm, "NO_COLOR" => noColor, _ => null });
        var output = new StringBuilder();
        new Style(160, 236, Bold: true).AppendTo(output, palette);
        Assert.Equal(sequence, output.ToString());
    }
}
