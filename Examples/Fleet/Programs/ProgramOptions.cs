using System.CommandLine;
using StreamLearn.Configuration;

namespace StreamLearn.Fleets;

/// <summary>The options that every command with a configuration has, and what errors cost.</summary>
public static class ProgramOptions
{
    /// <summary>The files, of which later ones win.</summary>
    public static Option<string[]> Files() => new("--config", "-c")
    {
        Description = "The configuration, a YAML file; of several, later ones win.",
        HelpName = "file",
        Required = true,
        AllowMultipleArgumentsPerToken = false,
    };

    /// <summary>Single values.</summary>
    public static Option<string[]> Overrides() => new("--set")
    {
        Description = "One value in place of the file's: --set link.url=nats://edge-1.",
        HelpName = "key=value",
        DefaultValueFactory = static _ => [],
    };

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
        catch (Exception e) when (e is BlockFailedException or PipelineDefinitionException)
        {
            Console.Error.WriteLine($"{root.Name}: {e.Message.ReplaceLineEndings(" ")}");
            return ProgramExit.Failed;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            Console.Error.WriteLine($"{root.Name}: {e.Message.ReplaceLineEndings(" ")}");
            return ProgramExit.DataRefused;
        }
    }
}
