using System.Text.RegularExpressions;

namespace Chat.Tests.EndToEnd.Support;

/// <summary>What a line of a recorded exchange says.</summary>
public enum StepKind
{
    /// <summary><c>ana&gt; frame</c></summary>
    Send,

    /// <summary><c>ana&lt; frame</c></summary>
    Receive,

    /// <summary><c>ana&lt; close 1000</c></summary>
    Closed,

    /// <summary><c>ana+ room …</c>: connect, log in, join.</summary>
    Enter,

    /// <summary><c>ana/</c>: connect to <c>/</c>.</summary>
    ConnectAsOriginal,

    /// <summary><c>ana!</c>: lose the connection.</summary>
    Lose,

    /// <summary><c>---</c>: a second passes.</summary>
    Wait,
}

/// <summary>A line of a recorded exchange.</summary>
public sealed record Step(StepKind Kind, string Client, string Text);

/// <summary>A recorded exchange of <c>docs/PROTOCOL.md</c>: the lines of a fenced block with the language <c>exchange</c>.</summary>
public sealed partial record Exchange(string Heading, IReadOnlyList<Step> Steps)
{
    private const string Fence = "```";
    private const string Close = "close ";

    /// <summary>All exchanges of a document, each under its nearest heading.</summary>
    public static IReadOnlyList<Exchange> In(string document)
    {
        var exchanges = new List<Exchange>();
        var heading = "";
        List<Step>? steps = null;
        foreach (var line in document.Split('\n'))
        {
            if (steps is null && line.StartsWith('#'))
                heading = line.TrimStart('#', ' ');
            if (line == Fence + "exchange")
                steps = [];
            else if (steps is not null && line == Fence)
            {
                exchanges.Add(new Exchange(heading, steps));
                steps = null;
            }
            else
                steps?.Add(Parse(line));
        }
        return exchanges;
    }

    private static Step Parse(string line)
    {
        if (line == "---")
            return new Step(StepKind.Wait, "", "");
        var match = Line().Match(line);
        if (!match.Success)
            throw new FormatException($"This line of an exchange isn't understood: {line}");
        var (client, text) = (match.Groups["client"].Value, match.Groups["text"].Value);
        return match.Groups["what"].Value switch
        {
            ">" => new Step(StepKind.Send, client, text),
            "<" when text.StartsWith(Close, StringComparison.Ordinal) => new Step(StepKind.Closed, client, text[Close.Length..]),
            "<" => new Step(StepKind.Receive, client, text),
            "+" => new Step(StepKind.Enter, client, text),
            "/" => new Step(StepKind.ConnectAsOriginal, client, ""),
            _ => new Step(StepKind.Lose, client, ""),
        };
    }

    [GeneratedRegex(@"^(?<client>\w+)(?<what>[<>+/!])( (?<text>.*))?$")]
    private static partial Regex Line();
}
