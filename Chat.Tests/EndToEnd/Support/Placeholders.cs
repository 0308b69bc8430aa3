using System.Text.RegularExpressions;

namespace Chat.Tests.EndToEnd.Support;

/// <summary>
/// What stands in recorded frames for what changes from one time to the next. Those with a number stand for one text throughout
/// an exchange: the first frame that has it tells which.
/// </summary>
public sealed partial class Placeholders
{
    private static readonly Dictionary<string, string> Patterns = new()
    {
        ["time"] = @"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z",
        ["crc"] = "[0-9a-f]{8}",
        ["ms"] = @"\d+",
        ["version"] = @"\d+\.\d+\.\d+[0-9A-Za-z.+-]*",
        ["limits"] = @"\{[^{}]*\}",
        ["names"] = @"\[[^\[\]]*\]",
        ["counts"] = @"\{[^{}]*\}",
        ["session"] = "[0-9a-f]{32}",
        ["epoch"] = "[0-9a-f]{16}",
        ["id"] = "[A-Za-z0-9._:-]{1,64}",
    };

    private readonly Dictionary<string, string> _values = [];

    /// <summary>The text with what is known put in.</summary>
    public string Fill(string text) => Placeholder().Replace(text, match => _values.GetValueOrDefault(match.Value, match.Value));

    /// <summary>Whether a frame is as recorded, byte for byte but for the placeholders; learns what they stand for.</summary>
    public bool IsMatch(string recorded, string actual)
    {
        var names = new Dictionary<string, string>();
        var pattern = Placeholder().Replace(Regex.Escape(Fill(recorded)), match =>
        {
            var (name, number) = (match.Groups["name"].Value, match.Groups["number"].Value);
            if (number.Length == 0)
                return Patterns[name];
            var group = name + number;
            return names.TryAdd(match.Value, group) ? $"(?<{group}>{Patterns[name]})" : $@"\k<{group}>";
        });
        var found = Regex.Match(actual, $@"\A{pattern}\z");
        if (!found.Success)
            return false;
        foreach (var (placeholder, group) in names)
            _values[placeholder] = found.Groups[group].Value;
        return true;
    }

    [GeneratedRegex(@"<(?<name>time|crc|ms|version|limits|names|counts|session|epoch|id)(-(?<number>\d+))?>")]
    private static partial Regex Placeholder();
}
