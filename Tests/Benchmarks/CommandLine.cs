using System.CommandLine;

namespace Benchmarks;

/// <summary>Reads the arguments and runs what they ask for.</summary>
internal sealed class CommandLine(TextWriter output, TextWriter error)
{
    private const int Measured = 0, Failed = 1, Refused = 2;

    private readonly Argument<string?> _suite =
        new("suite") { Description = "Which suite to run; 'list' names the suites and their cases.", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string?> _case = new("--case") { Description = "Runs this case alone." };
    private readonly Option<int?> _repeats =
        new("--repeats") { Description = "Interleaved repeats of each contender, at least 1; default: what the case states." };
    private readonly Option<bool> _ours = new("--ours") { Description = "Measures ours alone, for a profiler." };
    private readonly Option<bool> _check = new("--check") { Description = "Compares what the contenders compute, not how fast." };
    private readonly Option<bool> _table = new("--table") { Description = "Prints the table that tests take their figures from." };
    private readonly Option<bool> _json = new("--json") { Description = "Prints one JSON object per line and nothing else." };

    /// <summary>Runs the program.</summary>
    /// <param name="args">The arguments.</param>
    /// <param name="output">Where results go.</param>
    /// <param name="error">Where refusals go, one line each.</param>
    /// <returns>0 measured, 1 a case failed, 2 wrong arguments.</returns>
    internal static int Run(string[] args, TextWriter output, TextWriter error) => new CommandLine(output, error).Run(args);

    private int Run(string[] args)
    {
        var root = new RootCommand("""
            Measures StreamLearn beside its peers: repeats of ours and of each peer take turns in one run, and medians are printed.

            Examples:
              dotnet run -c Release --project Tests/Benchmarks -- list
              dotnet run -c Release --project Tests/Benchmarks -- kernel
              dotnet run -c Release --project Tests/Benchmarks -- kernel --case hop.dataflow --repeats 21
              dotnet run -c Release --project Tests/Benchmarks -- kernel --json
              dotnet run -c Release --project Tests/Benchmarks -- learning --check

            Exit codes: 0 measured, 1 a case failed, 2 wrong arguments.
            """) { _suite, _case, _repeats, _ours, _check, _table, _json };
        root.SetAction(Choose);
        var parsed = root.Parse(args);
        return parsed.Errors.Count == 0 ? parsed.Invoke(new() { Output = output, Error = error }) : Refuse(parsed.Errors[0].Message);
    }

    private int Choose(ParseResult parsed) => parsed.GetValue(_suite) switch
    {
        null => Refuse("name a suite, or 'list'"),
        "list" => List(),
        var name when Suites.Find(name) is { } suite && parsed.GetValue(_check) => suite.Check(output) ? Measured : Failed,
        var name when Suites.Find(name) is { } suite && parsed.GetValue(_table) =>
            suite.Table(output) ? Measured : Refuse($"suite '{name}' has no table"),
        var name when Suites.Find(name) is { } suite => Measure(suite, parsed),
        var name => Refuse($"no suite '{name}'; there are: {string.Join(", ", Suites.All.Select(s => s.Name))}"),
    };

    private int List()
    {
        foreach (var suite in Suites.All)
        {
            foreach (var entry in suite.Cases)
            {
                var peers = entry.Peers.Length == 0 ? "" : $", beside {string.Join(", ", entry.Peers.Select(p => p.Name))}";
                output.WriteLine($"{suite.Name} {entry.Name}: {entry.Unit}{peers}");
            }
        }
        return Measured;
    }

    private int Measure(Suite suite, ParseResult parsed)
    {
        var (only, repeats) = (parsed.GetValue(_case), parsed.GetValue(_repeats));
        if (repeats < 1) { return Refuse($"--repeats: expected at least 1, got {repeats}"); }
        var cases = suite.Cases.Where(c => only is null || c.Name == only).ToList();
        if (cases.Count == 0)
        {
            return Refuse($"suite '{suite.Name}' has no case '{only}'; there are: {string.Join(", ", suite.Cases.Select(c => c.Name))}");
        }
        var results = new Output(output, parsed.GetValue(_json));
        results.Head();
        var code = Measured;
        foreach (var entry in parsed.GetValue(_ours) ? cases.Select(c => c with { Peers = [] }) : cases)
        {
            try { results.Write(suite, entry, Runner.Run(entry, repeats)); }
            catch (BenchmarkException e)
            {
                error.WriteLine($"{suite.Name} {entry.Name}: {e.Message}");
                code = Failed;
            }
        }
        return code;
    }

    private int Refuse(string message)
    {
        error.WriteLine($"benchmarks: {message}");
        return Refused;
    }
}
