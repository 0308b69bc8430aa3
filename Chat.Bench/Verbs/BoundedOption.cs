using System.CommandLine;
using System.Globalization;

namespace Chat.Bench.Verbs;

/// <summary>Options whose values have bounds, so that every run ends by itself.</summary>
public static class BoundedOption
{
    /// <summary>An integer from <paramref name="least"/> to <paramref name="most"/>.</summary>
    public static Option<int> Integer(string name, string description, int preset, int least, int most)
    {
        var allowed = $"an integer from {least} to {most}";
        return new Option<int>(name)
        {
            Description = $"{description} ({allowed}).",
            HelpName = "N",
            DefaultValueFactory = _ => preset,
            CustomParser = result =>
            {
                var text = result.Tokens.Count > 0 ? result.Tokens[0].Value : "";
                if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most)
                    return value;
                result.AddError($"{name}: \"{text}\" is not allowed; it must be {allowed}.");
                return preset;
            },
        };
    }
}
