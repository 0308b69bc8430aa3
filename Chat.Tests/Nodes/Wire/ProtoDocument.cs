using System.Text.RegularExpressions;

namespace Chat.Tests.Nodes.Wire;

/// <summary>The messages that <c>docs/cluster.proto</c> documents.</summary>
internal sealed partial class ProtoDocument
{
    public sealed record Field(int Number, string Name, string Type)
    {
        public bool IsPart => char.IsUpper(Type[0]);

        public int WireType => Type switch
        {
            "int64" or "int32" or "bool" => 0,
            "sfixed64" => 1,
            _ => 2,
        };
    }

    public sealed record Message(string Name, string? Manifest, IReadOnlyList<Field> Fields);

    public static ProtoDocument Read { get; } = new(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "cluster.proto")));

    private ProtoDocument(string text) => Messages =
    [
        .. MessagePattern().Matches(text).Select(match => new Message(
            match.Groups["name"].Value,
            match.Groups["manifest"] is { Success: true } manifest ? manifest.Value : null,
            [
                .. FieldPattern().Matches(match.Groups["body"].Value).Select(field => new Field(
                    int.Parse(field.Groups["number"].Value), field.Groups["name"].Value, field.Groups["type"].Value)),
            ])),
    ];

    public IReadOnlyList<Message> Messages { get; }

    public Message Named(string name) => Messages.Single(message => message.Name == name);

    public Message Of(string manifest) => Messages.Single(message => message.Manifest == manifest);

    [GeneratedRegex(@"^(// manifest: (?<manifest>\w+)\n)?message (?<name>\w+) \{\n(?<body>[^}]*)\}", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex MessagePattern();

    [GeneratedRegex(@"^  ((optional|repeated) )?(?<type>\w+) (?<name>\w+) = (?<number>\d+);", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex FieldPattern();
}
