using System.CommandLine;
using System.Text.Json.Serialization;
using Microsoft.Win32.SafeHandles;

namespace Papers;

/// <summary>The commands. Each returns lines, which are printed as they arrive.</summary>
internal static class CommandLine
{
    internal const int Wrong = 2, Unreadable = 4, Interrupted = 130;
    private const int BrokenPipe = 32;

    private const string Description = """
        Published figures compared with ours: adaptive tau, and where each layer of a network runs.

        Exit codes: 0 done, or the output was closed; 2 wrong command line; 4 a file cannot be read; 130 interrupted.
        """;

    internal static async Task<int> RunAsync(string[] arguments, TextWriter? output = null)
    {
        var parsed = new RootCommand(Description) { TauCommands.Create(), PartitionCommands.Create() }.Parse(arguments);
        if (parsed.Errors.Count == 0) { return await parsed.InvokeAsync(new() { Output = output ?? Open() }).ConfigureAwait(false); }
        foreach (var error in parsed.Errors) { await Console.Error.WriteLineAsync($"papers: {error.Message}").ConfigureAwait(false); }
        return Wrong;
    }

    internal static Command Of(
        string name, string description, Func<ParseResult, CancellationToken, IEnumerable<string>> lines, params Symbol[] parameters)
    {
        var command = new Command(name, description);
        foreach (var option in parameters.OfType<Option>()) { command.Add(option); }
        foreach (var argument in parameters.OfType<Argument>()) { command.Add(argument); }
        command.SetAction((parsed, cancellation) =>
            Task.FromResult(Write(() => lines(parsed, cancellation), parsed.InvocationConfiguration.Output)));
        return command;
    }

    internal static int Write(Func<IEnumerable<string>> lines, TextWriter output)
    {
        try
        {
            foreach (var line in lines()) { output.WriteLine(line); }
            return 0;
        }
        catch (OperationCanceledException) { return Interrupted; }
        catch (IOException e) when (e.HResult == BrokenPipe) { return 0; }
        catch (Exception e) when (e is HarFormatException or IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"papers: {e.Message}");
            return Unreadable;
        }
    }

    internal static Option<int> Whole(string name, string description, int least, int most, int otherwise) => new(name)
    {
        Description = $"{description} {least} to {most}.",
        DefaultValueFactory = _ => otherwise,
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (int.TryParse(text, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most) { return value; }
            result.AddError(Invariant($"{name}: expected {least} to {most}, got '{text}'"));
            return otherwise;
        },
    };

    internal static Option<int> Seed() => Whole("--seed", "Seed of all random numbers.", 0, int.MaxValue, 0);

    /// <summary>Standard output that fails once a pipe's reader has left. The framework ignores that, so a run would continue.</summary>
    private static StreamWriter Open()
    {
        var output = Console.OpenStandardOutput();
        if (!OperatingSystem.IsWindows() && Console.IsOutputRedirected)
        {
            var pipe = new FileStream(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);
            output = pipe.CanSeek ? output : pipe;
        }

        return new(output) { AutoFlush = true };
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Figure[]))]
internal sealed partial class PapersJson : JsonSerializerContext;
