using System.CommandLine;

namespace Quickstart;

/// <summary>The command line and what its errors cost.</summary>
internal static class CommandLine
{
    private const string Description = """
        A fleet of sensors learns to tell six activities apart, in one process, without a server.

        Each device runs the same pipeline: windows of 128 samples, mean and deviation of six channels, test-then-train softmax regression. It sends weight deltas to an
        aggregator pipeline and gets model versions back. Devices differ in speed and link; the aggregator waits for none of them.

        Examples:
          dotnet run -c Release --project Examples/Quickstart
          dotnet run -c Release --project Examples/Quickstart -- --data DIR --json result.json
          dotnet run -c Release --project Examples/Quickstart -- --devices 50 --seed 7 --aggregation fedavg
          dotnet run -c Release --project Examples/Quickstart -- --host dataflow --record run.slrec
          dotnet run -c Release --project Examples/Quickstart -- --replay run.slrec
          dotnet run -c Release --project Examples/Quickstart -- --graph mermaid

        Exit codes: 0 done; 1 a device failed or the row ledger does not add up; 2 bad command line; 65 data refused; 73 cannot write; 78 bad scenario; 130 interrupted.
        """;

    /// <summary>Parses and runs; a bad command line is one line on standard error and exit code 2.</summary>
    internal static Task<int> RunAsync(string[] arguments)
    {
        var parsed = Create().Parse(arguments);
        if (parsed.Errors.Count == 0) { return parsed.InvokeAsync(); }
        foreach (var error in parsed.Errors)
        {
            Console.Error.WriteLine(
                $"quickstart: {error.Message.ReplaceLineEndings(" ").Replace("\t", "", StringComparison.Ordinal)} "
                    + "(--help shows what there is)");
        }
        return Task.FromResult(ExitCode.BadCommandLine);
    }

    private static RootCommand Create()
    {
        Option<DirectoryInfo?> data = new("--data")
        {
            Description = "Real recordings in the layout of the UCI HAR raw files: each person is a device. Without it, "
                + "data are generated.",
        };
        Option<int?> devices = new("--devices") { Description = "Devices. Default 20 generated ones, or every training person of --data." };
        Option<long> seed = new("--seed") { Description = "Seed of every random stream. Default 42.", DefaultValueFactory = _ => 42 };
        Option<HostKind> host = new("--host")
        {
            Description = "simulation: one thread, a virtual clock, emulated links, the same bits each time. dataflow: real threads, as "
                + "fast as they go. Default simulation.",
        };
        Option<AggregationKind> aggregation = new("--aggregation")
        {
            Description = "fedbuff: no barrier, versions from every 10 updates. fedavg: a barrier over all devices. Default fedbuff.",
        };
        Option<FileInfo?> scenario = new("--scenario")
        {
            Description = "Speeds and links of the devices, a JSON file. Default: speeds drawn around 0.05 million multiply-adds a "
                + "second, one device 10x slower, 2 Mbit/s, 30 ms.",
        };
        Option<string?> graph = new("--graph") { Description = "Print the graph as mermaid or dot and end." };
        graph.AcceptOnlyFromAmong("mermaid", "dot");
        Option<bool> explain = new("--explain")
        {
            Description = "Print capacity, policy, worst-case bytes and delivery level of every block and edge and end.",
        };
        Option<DirectoryInfo?> output = new("--out")
        {
            Description = "Write result.json, accuracy.csv, accuracy.svg, the graphs and the explanation to a folder.",
        };
        Option<FileInfo?> json = new("--json") { Description = "Write the result to a file." };
        Option<FileInfo?> record = new("--record") { Description = "Record the order of all calls to a file; with --host dataflow." };
        Option<FileInfo?> replay = new("--replay")
        {
            Description = "Repeat a recorded run in the simulation, bit for bit; give the options of the recorded run.",
        };
        var command = new RootCommand(Description)
            { data, devices, seed, host, aggregation, scenario, graph, explain, output, json, record, replay };
        devices.Validators.Add(result =>
        {
            if (int.TryParse(result.Tokens is [var token, ..] ? token.Value : null, out var count) && count is < 1 or > 10_000)
            {
                result.AddError("--devices: expected 1 to 10000");
            }
        });
        command.SetAction((result, cancellationToken) => RunAsync(
            new()
            {
                Data = result.GetValue(data),
                Devices = result.GetValue(devices),
                Seed = result.GetValue(seed),
                Host = result.GetValue(host),
                Aggregation = result.GetValue(aggregation),
                Scenario = result.GetValue(scenario),
                Graph = result.GetValue(graph),
                Explain = result.GetValue(explain),
                Out = result.GetValue(output),
                Json = result.GetValue(json),
                Record = result.GetValue(record),
                Replay = result.GetValue(replay),
            },
            cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(QuickstartOptions options, CancellationToken cancellationToken)
    {
        try
        {
            Check(options);
            return await Job.RunAsync(options, cancellationToken).ConfigureAwait(false);
        }
        catch (QuickstartException e)
        {
            await Console.Error.WriteLineAsync($"quickstart: {e.Message}").ConfigureAwait(false);
            return e.ExitCode;
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("quickstart: interrupted; nothing was written").ConfigureAwait(false);
            return ExitCode.Interrupted;
        }
    }

    private static void Check(QuickstartOptions options)
    {
        if (options.Record is null) { return; }
        if (options.Replay is not null)
        {
            throw new QuickstartException("--record and --replay exclude each other", ExitCode.BadCommandLine);
        }
        if (options.Host == HostKind.Dataflow) { return; }
        throw new QuickstartException(
            "--record: add --host dataflow; a simulated run repeats without a recording", ExitCode.BadCommandLine);
    }
}
