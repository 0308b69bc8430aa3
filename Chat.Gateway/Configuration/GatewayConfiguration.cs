using System.CommandLine;
using System.CommandLine.Parsing;
using Microsoft.Extensions.Configuration;

namespace Chat.Gateway.Configuration;

/// <summary>What starting the program came to: options, or what to print and the code to exit with.</summary>
/// <param name="Options">Every setting; null where there is nothing left to do.</param>
/// <param name="ExitCode">The code to exit with where there is nothing left to do.</param>
/// <param name="Work">What is to be done.</param>
public sealed record Start(GatewayOptions? Options, int ExitCode, Work Work = Work.Serve);

/// <summary>What the program does.</summary>
public enum Work
{
    /// <summary>It serves.</summary>
    Serve,

    /// <summary>It verifies the logs in <see cref="GatewayOptions.Data"/>.</summary>
    Verify,

    /// <summary>It copies them into <see cref="GatewayOptions.Postgres"/>.</summary>
    Import,

    /// <summary>It copies them from there into the folder.</summary>
    Export,
}

/// <summary>
/// Puts the options together: the command line over the environment over <c>appsettings.json</c> in the current folder over the one
/// beside the program over the defaults.
/// </summary>
public static class GatewayConfiguration
{
    private const string Section = "Chat";

    private static readonly IReadOnlyDictionary<Work, (string Description, IReadOnlyList<Setting> Settings)> Others = new Dictionary<Work, (string, IReadOnlyList<Setting>)>
    {
        [Work.Verify] = (
            "Reads every log in the data folder, which may be a copy or in use by a gateway, and says what is off. Exits with 0 where all is "
            + "well, 1 where anything is off, 2 where there is no such folder.", [Setting.Data]),
        [Work.Import] = (
            "Copies every log in the data folder into the database, and compares them. What is there already and the same is left as it is; what differs is never "
            + "replaced. No gateway may use either meanwhile. Exits with 0 where all is there, 1 where not, 2 where there is no such folder or a gateway has it.",
            [Setting.Data, Setting.Postgres]),
        [Work.Export] = (
            "Copies every log in the database into the data folder, and compares them. What is there already and the same is left as it is; what differs is never "
            + "replaced. No gateway may use either meanwhile. Exits with 0 where all is there, 1 where not, 2 where a gateway has the folder.",
            [Setting.Data, Setting.Postgres]),
    };

    /// <summary>
    /// Reads all sources. Prints help or version to <paramref name="output"/>; for each wrong value one line to
    /// <paramref name="error"/> that names where it came from, the value, and what is allowed.
    /// </summary>
    public static Start Read(string[] args, TextWriter output, TextWriter error)
    {
        var options = Setting.All.ToDictionary(setting => setting, ToOption);
        var command = new RootCommand("The gateway of a real-time, multi-room chat. Clients connect to ws://HOST:PORT/ws; the history of each room is a file in the data folder, or in a PostgreSQL database.");
        foreach (var option in options.Values)
            command.Options.Add(option);
        foreach (var other in Others.Keys)
            command.Subcommands.Add(ToCommand(other, options));
        var isRun = false;
        foreach (var any in command.Subcommands.Append(command))
            any.SetAction(_ => isRun = true);

        var parsed = command.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var problem in parsed.Errors)
                error.WriteLine($"{problem.Message} See --help.");
            return new Start(null, ExitCodes.Usage);
        }
        var code = parsed.Invoke(new InvocationConfiguration { Output = output, Error = error });
        if (!isRun)
            return new Start(null, code);

        try
        {
            var work = Others.Keys.FirstOrDefault(other => NameOf(other) == parsed.CommandResult.Command.Name);
            var start = Merge(work == Work.Serve ? Setting.All : Others[work].Settings, parsed, options, error) with { Work = work };
            if (work is Work.Serve or Work.Verify || start.Options is null or { Postgres: not null })
                return start;
            error.WriteLine($"{Setting.Postgres.Option}: {NameOf(work)} needs it. It must be {Setting.Postgres.Allowed}.");
            return new Start(null, ExitCodes.Usage);
        }
        catch (Exception e) when (e is InvalidDataException or FormatException or IOException or UnauthorizedAccessException)
        {
            var (outer, inner) = (e.InnerException ?? e, e.GetBaseException());
            error.WriteLine($"appsettings.json can't be read: {e.Message}{(outer == inner ? "" : " " + inner.Message)}".ReplaceLineEndings(" "));
            return new Start(null, ExitCodes.Usage);
        }
    }

    private static Option ToOption(Setting setting)
    {
        Option option = setting.IsList ? new Option<string[]>(setting.Option) { Arity = ArgumentArity.OneOrMore } : new Option<string>(setting.Option);
        option.Description = $"{setting.Description} Allowed: {setting.Allowed}. Default: {(setting.Default == "" ? "none" : setting.Default)}. "
            + $"Also {setting.Variable}, and {Section}:{setting.Key} in appsettings.json.";
        option.HelpName = setting.Name.Split('-')[^1];
        option.Recursive = setting == Setting.Data;
        return option;
    }

    private static string? ValueOf(ParseResult parsed, Option option) =>
        option is Option<string[]> list ? string.Join(',', parsed.GetValue(list) ?? []) : parsed.GetValue((Option<string>)option);

    private static string NameOf(Work other) => other.ToString().ToLowerInvariant();

    private static Command ToCommand(Work other, Dictionary<Setting, Option> options)
    {
        var (description, settings) = Others[other];
        var command = new Command(NameOf(other), description);
        foreach (var setting in settings.Where(setting => setting != Setting.Data))
            command.Options.Add(options[setting]);
        command.Validators.Add(result =>
        {
            foreach (var (setting, option) in options)
            {
                if (!settings.Contains(setting) && result.GetResult(option) is { Implicit: false })
                    result.AddError($"{setting.Option}: {command.Name} has no use for it.");
            }
        });
        return command;
    }

    private static Start Merge(
        IReadOnlyList<Setting> settings, ParseResult parsed, Dictionary<Setting, Option> options, TextWriter error)
    {
        // Each by itself: put on top of each other, lists would be mixed item by item.
        IConfigurationSection[] files = [.. new[] { Directory.GetCurrentDirectory(), AppContext.BaseDirectory }.Select(folder =>
            new ConfigurationBuilder().AddJsonFile(Path.Combine(folder, "appsettings.json"), optional: true).Build().GetSection(Section))];
        var result = new GatewayOptions();
        var isValid = true;
        foreach (var unknown in files.SelectMany(file => file.GetChildren()).Select(child => child.Key).Except(Setting.All.Select(setting => setting.Key), StringComparer.OrdinalIgnoreCase))
        {
            isValid = false;
            error.WriteLine($"{Section}:{unknown} in appsettings.json: there is no such setting. See --help.");
        }
        foreach (var setting in settings)
        {
            var (source, value) = parsed.GetResult(options[setting]) is OptionResult { Implicit: false }
                ? (setting.Option, ValueOf(parsed, options[setting]))
                : Environment.GetEnvironmentVariable(setting.Variable) is { Length: > 0 } variable
                    ? (setting.Variable, variable)
                    : ($"{Section}:{setting.Key} in appsettings.json", files.Select(file => FromFile(file.GetSection(setting.Key))).FirstOrDefault(text => text is not null));
            if (value is null)
                continue;
            if (setting.Read(result, value) is { } read)
            {
                result = read;
                continue;
            }
            isValid = false;
            error.WriteLine($"{source}: {(setting.IsSecret ? "what it says" : $"\"{value}\"")} is not allowed; it must be {setting.Allowed}.");
        }
        if (isValid && SecretFiles.Read(result, error) is { } whole)
            result = whole;
        else
            isValid = false;
        if (result.DeadSeconds < 2 * result.PingSeconds)
        {
            isValid = false;
            error.WriteLine($"--dead-seconds: {result.DeadSeconds} is too soon: it must be twice --ping-seconds ({result.PingSeconds}) at least, so that who lives can show it.");
        }
        return isValid ? new Start(result, ExitCodes.Ok) : new Start(null, ExitCodes.Usage);
    }

    // A list may be written as such; an empty one has the value "".
    private static string? FromFile(IConfigurationSection section) =>
        section.Value ?? (section.GetChildren().Select(child => child.Value).ToArray() is { Length: > 0 } values ? string.Join(',', values) : null);
}

/// <summary>What the program exits with.</summary>
public static class ExitCodes
{
    /// <summary>An orderly end.</summary>
    public const int Ok = 0;

    /// <summary>It can't run: the data folder can't be written, say, or the database not be reached. Or something is off with the logs that were to be verified or copied.</summary>
    public const int Failed = 1;

    /// <summary>A wrong option; a port or a data folder in use; no data folder to verify or to import.</summary>
    public const int Usage = 2;
}
