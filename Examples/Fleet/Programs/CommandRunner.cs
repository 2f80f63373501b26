using System.CommandLine;
using StreamLearn.Configuration;

namespace StreamLearn.Fleets;

/// <summary>What the programs of a fleet do with their command line.</summary>
public static class CommandRunner
{
    /// <summary>Parses a command line and runs it. What is wrong is said in lines on standard error.</summary>
    /// <param name="root">The program.</param>
    /// <param name="arguments">The command line.</param>
    /// <returns>What the program ends with.</returns>
    public static async Task<int> RunAsync(Command root, string[] arguments)
    {
        ArgumentNullException.ThrowIfNull(root);
        var parsed = root.Parse(arguments);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
            {
                Console.Error.WriteLine($"{root.Name}: {error.Message.ReplaceLineEndings(" ")} (--help shows what there is)");
            }

            return ProgramExit.BadCommandLine;
        }

        try
        {
            return await parsed.InvokeAsync(new()
            {
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,       // signals are for Ending
            }).ConfigureAwait(false);
        }
        catch (ConfigurationException e)
        {
            foreach (var problem in e.Problems) { Console.Error.WriteLine($"{root.Name}: {problem}"); }
            return ProgramExit.BadConfiguration;
        }
        catch (StateFolderException e)
        {
            Console.Error.WriteLine($"{root.Name}: {e.Message}");
            return e.ExitCode;
        }
        catch (Exception e) when (e is BlockFailedException or PipelineDefinitionException)
        {
            Console.Error.WriteLine($"{root.Name}: {e.Message.ReplaceLineEndings(" ")}");
            return ServerCheck.ExitOf(e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            Console.Error.WriteLine($"{root.Name}: {e.Message.ReplaceLineEndings(" ")}");
            return ProgramExit.DataRefused;
        }
    }
}
