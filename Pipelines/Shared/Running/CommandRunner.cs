using System.CommandLine;
using StreamLearn.Tables;

namespace StreamLearn.Programs;

internal static class CommandRunner
{
    private const int MaxShown = 500;
    private const int EndShown = 100;

    /// <summary>Makes each line that the process writes printable; returns the original standard output, for help.</summary>
    public static TextWriter SetPrintableConsole()
    {
        var plain = Console.Out;
        Console.SetOut(new PrintableWriter(plain));
        Console.SetError(new PrintableWriter(Console.Error, PrintableText.MaxLength));
        return plain;
    }

    public static async Task<int> RunAsync(Command root, string[] arguments, TextWriter help)
    {
        var parsed = root.Parse(arguments);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
            {
                Say($"{root.Name}: {error.Message} (see --help)");
            }

            return ProgramExit.BadCommandLine;
        }

        try
        {
            return await parsed.InvokeAsync(new()
            {
                Output = help,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,       // Ending handles signals
            }).ConfigureAwait(false);
        }
        catch (Exception e) when (ExitOf(e) is { } exit)
        {
            foreach (var problem in e is ConfigurationException { Problems: var all } ? all.Select(static p => $"{p}") : [e.Message])
            {
                Say($"{root.Name}: {problem}");
            }

            return exit;
        }
    }

    /// <summary>Null: a defect, which ends the program with its trace.</summary>
    private static int? ExitOf(Exception failure) => failure switch
    {
        ConfigurationException => ProgramExit.BadConfiguration,
        LoginFileException => ProgramExit.LoginRefused,
        ServerRefusedException refused => refused.ExitCode,
        StateFolderException unusable => unusable.ExitCode,
        BlockFailedException or PipelineDefinitionException => ServerCheck.ExitOf(failure),
        ArgumentException => ProgramExit.BadConfiguration,      // values that no program accepts together
        IOException or UnauthorizedAccessException or FormatException => ProgramExit.DataRefused,
        _ => null,
    };

    /// <summary>Omits the middle of long text, such as file contents.</summary>
    private static void Say(string text)
    {
        var line = text.ReplaceLineEndings(" ");
        Console.Error.WriteLine(line.Length <= MaxShown ? line
            : $"{line.AsSpan(0, MaxShown - EndShown)}…{line.AsSpan(line.Length - EndShown)}");
    }
}
