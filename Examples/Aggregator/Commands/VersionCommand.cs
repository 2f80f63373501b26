using System.CommandLine;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using StreamLearn.Fleets;

namespace Aggregator;

/// <summary><c>version</c>: what this program is.</summary>
internal static class VersionCommand
{
    internal static Command Create() =>
        StateCommands.Showing("version", "Show the program's version and what it runs on.", static (_, output, _) => Show(output));

    private static Task<int> Show(TextWriter output)
    {
        var version = typeof(VersionCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;
        output.WriteLine($"streamlearn-aggregator {version}");
        output.WriteLine($"{RuntimeInformation.FrameworkDescription}, {RuntimeInformation.RuntimeIdentifier}, "
            + (RuntimeFeature.IsDynamicCodeCompiled ? "compiled while it runs" : "compiled ahead of time"));
        return Task.FromResult(ProgramExit.Done);
    }
}
