using System.CommandLine;
using TauDemo;

namespace Partition;

/// <summary>What can be asked at the command line.</summary>
internal static class CommandLine
{
    private const string Name = "Partition";

    private const string Description = """
        Where each layer of a network runs, over devices, edge servers and the links between them.

        Examples:
          dotnet run -c Release --project Examples/Partition -- train
          dotnet run -c Release --project Examples/Partition -- train --tables
          dotnet run -c Release --project Examples/Partition -- train --tables --set alpha=.25 --set uplink=trace.csv --json tables.json
          dotnet run -c Release --project Examples/Partition -- train --fleet
          dotnet run -c Release --project Examples/Partition -- infer
          dotnet run -c Release --project Examples/Partition -- infer --tables --set alpha=.25 --json tables.json
          dotnet run -c Release --project Examples/Partition -- infer --page infer.html

        Exit codes: 0 done, or nobody reads any more; 2 wrong command line; 4 a file cannot be read or written; 130 interrupted.
        """;

    /// <summary>Does what a command line asks for. <paramref name="output"/>: where tables are written; null: where the program
    /// writes.</summary>
    internal static Task<int> RunAsync(string[] arguments, TextWriter? output = null) =>
        ExampleRun.RunAsync(Create(), Name, arguments, output);

    /// <summary>Says what is wrong, on standard error.</summary>
    internal static int Fail(int code, string message)
    {
        Console.Error.WriteLine($"{Name}: {message}");
        return code;
    }

    private static RootCommand Create() => new(Description) { TrainCommand.Create(), InferCommand.Create() };
}
