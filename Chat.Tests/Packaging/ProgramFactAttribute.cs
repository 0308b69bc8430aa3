using Xunit;

namespace Chat.Tests.Packaging;

/// <summary>
/// A test that needs a program of the system: skipped where it is missing, unless <c>CHAT_TEST_REQUIRE_ALL=1</c> has it fail there.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ProgramFactAttribute : FactAttribute
{
    /// <param name="program">Its name.</param>
    /// <param name="package">The package of Debian's that has it.</param>
    public ProgramFactAttribute(string program, string package) =>
        Skip = Required.OrSkip(Find(program) is not null, $"{program} is missing (Debian: {package}).");

    /// <summary>Its path, also where the user's own has no programs of the administrator's.</summary>
    public static string? Find(string program) =>
        $"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/sbin".Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
}
