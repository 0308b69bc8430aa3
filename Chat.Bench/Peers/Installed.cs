using System.Diagnostics;

namespace Chat.Bench.Peers;

/// <summary>Programs that are not this project's: where they are, and what they say of themselves.</summary>
internal static class Installed
{
    // Where Debian puts servers isn't on everybody's path.
    private const string ServerFolder = "/usr/sbin";

    /// <summary>The path of a program; null where it isn't installed.</summary>
    public static string? Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Append(ServerFolder)
            .Select(folder => Path.Combine(folder, program))
            .FirstOrDefault(File.Exists);

    /// <summary>What a program that ends by itself prints; null where it fails.</summary>
    public static async Task<string?> AskAsync(string program, string[] arguments, CancellationToken cancellation)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var error = process.StandardError.ReadToEndAsync(cancellation);
            var output = await process.StandardOutput.ReadToEndAsync(cancellation);
            await error;
            await process.WaitForExitAsync(cancellation);
            return process.ExitCode == 0 ? output.Trim() : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
