using System.CommandLine;
using StreamLearn.Programs;

namespace TauDemo;

/// <summary>How an example does what its command line asks for.</summary>
internal static class ExampleRun
{
    /// <summary>What an example ends with if its command line is wrong.</summary>
    internal const int Wrong = 2;

    /// <summary>What an example ends with if a file cannot be read or written.</summary>
    internal const int Unusable = 4;

    /// <summary>What an example ends with if it is interrupted.</summary>
    internal const int Interrupted = 130;

    private static readonly TimeSpan TimeToEnd = TimeSpan.FromSeconds(10);      // in good order, on a machine with much to do

    /// <summary>Does what a command line asks for. <paramref name="output"/>: where tables are written; null: where the program
    /// writes.</summary>
    internal static async Task<int> RunAsync(RootCommand command, string program, string[] arguments, TextWriter? output)
    {
        var parsed = command.Parse(arguments);
        if (parsed.Errors.Count == 0)
        {
            return await parsed.InvokeAsync(new() { Output = output ?? Output(), ProcessTerminationTimeout = TimeToEnd })
                .ConfigureAwait(false);
        }

        foreach (var error in parsed.Errors) { await Console.Error.WriteLineAsync($"{program}: {error.Message}").ConfigureAwait(false); }
        return Wrong;
    }

    private static StreamWriter Output() => new(StandardOutput.Open()) { AutoFlush = true };
}
