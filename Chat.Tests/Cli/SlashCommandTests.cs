using Chat.Cli.Chatting;
using Xunit;

namespace Chat.Tests.Cli;

public sealed class SlashCommandTests
{
    public static TheoryData<string, SlashCommandCase> Known => new()
    {
        { "hello there", new(new SlashCommand.Say("hello there")) },
        { "  spaces around ", new(new SlashCommand.Say("spaces around")) },
        { "//etc/passwd", new(new SlashCommand.Say("/etc/passwd")) },
        { "/join dev", new(new SlashCommand.Join("dev")) },
        { "/JOIN #dev", new(new SlashCommand.Join("dev")) },
        { "/leave", new(new SlashCommand.Leave(null)) },
        { "/leave dev", new(new SlashCommand.Leave("dev")) },
        { "/switch dev", new(new SlashCommand.Switch("dev")) },
        { "/rooms", new(new SlashCommand.Rooms()) },
        { "/who", new(new SlashCommand.Who()) },
        { "/history", new(new SlashCommand.History(50)) },
        { "/history 7", new(new SlashCommand.History(7)) },
        { "/help", new(new SlashCommand.Help()) },
        { "/quit ", new(new SlashCommand.Quit()) },
    };

    [Theory]
    [MemberData(nameof(Known))]
    public void Should_be_read_when_it_is_well_written(string line, SlashCommandCase meant) => Assert.Equal(meant.Command, SlashCommand.Parse(line));

    [Theory]
    [InlineData("/join", "/join room")]
    [InlineData("/join a b", "/join room")]
    [InlineData("/quit now", "/quit")]
    [InlineData("/history many", "from 1 to 100")]
    [InlineData("/history 101", "from 1 to 100")]
    [InlineData("/jion dev", "There is no command /jion")]
    [InlineData("/", "There is no command /")]
    public void Should_say_how_when_it_is_not(string line, string hint) =>
        Assert.Contains(hint, Assert.IsType<SlashCommand.Wrong>(SlashCommand.Parse(line)).Sentence, StringComparison.Ordinal);

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    public void Should_be_nothing_when_nothing_is_typed(string line) => Assert.Null(SlashCommand.Parse(line));

    /// <summary>Hides an internal type from xunit's public signature.</summary>
    public sealed class SlashCommandCase
    {
        internal SlashCommandCase(SlashCommand command) => Command = command;

        internal SlashCommand Command { get; }

        public override string ToString() => Command.ToString();
    }
}
