using System.CommandLine;
using StreamLearn.Tables;

namespace StreamLearn.Programs;

internal static class CommandRunner
{
    private const int MaxShown = 500;
    private const int EndShown = 100;

    /// <summary>Makes each line that the process writes printable; returns standard output as it was, for help.</summary>
    public static TextWriter SetPrintableConsole()
    {
        var plain = Console.Out;
        Console.SetOut(new PrintableWriter(plain));
        Console.SetError(new PrintableWriter(Console.Error, PrintableText.MaxLength));
        return plain;
    }

    public static async Task<int> RunAsync(Command root, string[] arguments, TextWriter help)
    {
        ArgumentNullException.ThrowIfNull(root);
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
        catch (ConfigurationException e)
        {
            foreach (var problem in e.Problems) { Say($"{root.Name}: {problem}"); }
            return ProgramExit.BadConfiguration;
        }
        catch (LoginFileException e)
        {
            Say($"{root.Name}: {e.Message}");
            return ProgramExit.LoginRefused;
        }
        catch (ServerRefusedException e)
        {
            Say($"{root.Name}: {e.Message}");
            return e.ExitCode;
        }
        catch (StateFolderException e)
        {
            Say($"{root.Name}: {e.Message}");
            return e.ExitCode;
        }
        catch (Exception e) when (e is BlockFailedException or PipelineDefinitionException)
        {
            Say($"{root.Name}: {e.Message}");
            return ServerCheck.ExitOf(e);
        }
        catch (ArgumentException e)
        {
            Say($"{root.Name}: {e.Message}");       // values that no program accepts together
            return ProgramExit.BadConfiguration;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            Say($"{root.Name}: {e.Message}");
            return ProgramExit.DataRefused;
        }
    }

    /// <summary>Cuts the middle of long text, such as file contents.</summary>
    private static void Say(string text)
    {
        var line = text.ReplaceLineEndings(" ");
        Console.Error.WriteLine(line.Length <= MaxShown ? line
            : $"{line.AsSpan(0, MaxShown - EndShown)}…{line.AsSpan(line.Length - EndShown)}");
    }
}
