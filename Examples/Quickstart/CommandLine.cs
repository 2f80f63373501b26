using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Quickstart;

/// <summary>The command line and what its errors cost.</summary>
internal static class CommandLine
{
    private const string Description = """
        A fleet of sensors learns to tell six activities apart, in one process, without a server.

        Each device runs the same pipeline: it checks its rows, cuts windows of 128 samples of six channels, and trains a small network with two exits from
        a replay buffer. It sends weight deltas to an aggregator pipeline and gets model versions back. One device is ten times slower than the others, one
        has a stuck axis, one a clock that is an hour ahead, one crashes and comes back. The same fleet is trained twice: without anybody waiting, and behind
        a barrier that waits for all. The report, out/report.html, compares the two.

        Examples:
          dotnet run -c Release --project Examples/Quickstart
          dotnet run -c Release --project Examples/Quickstart -- --data DIR --json result.json
          dotnet run -c Release --project Examples/Quickstart -- --data DIR --scenario Examples/Quickstart/straggler.json --contrast
          dotnet run -c Release --project Examples/Quickstart -- --devices 50 --seed 7 --mode async --seconds 120
          dotnet run -c Release --project Examples/Quickstart -- --host dataflow --record run.slrec
          dotnet run -c Release --project Examples/Quickstart -- --replay run.slrec
          dotnet run -c Release --project Examples/Quickstart -- --link mqtt://localhost
          dotnet run -c Release --project Examples/Quickstart -- --graph mermaid

        Exit codes: 0 done; 1 a device failed, the server is not there, or the row ledger does not add up; 2 bad command line; 65 data refused; 73 cannot write; 78 bad scenario; 130 interrupted.
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
        Option<Uri?> link = new("--link")
        {
            Description = "Let the fleet meet at an MQTT server, mqtt://host[:1883] or mqtts://host[:8883], instead of in the process; implies "
                + "--host dataflow.",
            CustomParser = static result => Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var uri) ? uri : null,
        };
        Option<FileInfo?> login = new("--login") { Description = "A file of two lines, user name and password; with --link." };
        Option<ModeChoice?> mode = new("--mode")
        {
            Description = "async: no barrier, versions from every 10 updates. barrier: a round waits for every device. both: each in a "
                + "world of its own. Default both in the simulation, async elsewhere.",
        };
        Option<StepChoice?> steps = new("--steps")
        {
            Description = "continuous: devices train from their buffers as fast as they can. rows: each labelled window earns a step. Default "
                + "continuous in the simulation, rows elsewhere.",
        };
        Option<double> target = new("--target")
        {
            Description = "Accuracy whose time is measured, above 0 and up to 1. Default 0.80.",
            DefaultValueFactory = _ => 0.80,
        };
        Option<double?> seconds = new("--seconds") { Description = "Virtual time of a run, 1 to 100000. Default: the scenario's." };
        Option<bool> contrast = new("--contrast")
        {
            Description = "Run both ways with the recordings at their own speed too: the case where not waiting pays little.",
        };
        Option<FileInfo?> scenario = new("--scenario")
        {
            Description = "Speeds, links and faults of the devices, a JSON file. Default faults.json: 12.5 million multiply-adds a second, "
                + "2 Mbit/s, 30 ms, one device 10x slower and three with faults. straggler.json: the same without the faults.",
        };
        Option<string?> graph = new("--graph") { Description = "Print the graph as mermaid or dot and end." };
        graph.AcceptOnlyFromAmong("mermaid", "dot");
        Option<bool> explain = new("--explain")
        {
            Description = "Print capacity, policy, worst-case bytes and delivery level of every block and edge and end.",
        };
        Option<DirectoryInfo> output = new("--out")
        {
            Description = "Folder for report.html, events.jsonl, result.json, accuracy.csv, the graphs and the explanation. Default out.",
            DefaultValueFactory = _ => new("out"),
        };
        Option<FileInfo?> json = new("--json") { Description = "Write the result to a file." };
        Option<FileInfo?> record = new("--record") { Description = "Record the order of all calls to a file; with --host dataflow." };
        Option<FileInfo?> replay = new("--replay")
        {
            Description = "Repeat a recorded run in the simulation, bit for bit; give the options of the recorded run.",
        };
        var command = new RootCommand(Description)
        {
            data, devices, seed, host, link, login, mode, steps, target, seconds, contrast, scenario, graph, explain, output, json, record, replay,
        };
        devices.Validators.Add(result =>
        {
            if (int.TryParse(result.Tokens is [var token, ..] ? token.Value : null, out var count) && count is < 1 or > 10_000)
            {
                result.AddError("--devices: expected 1 to 10000");
            }
        });
        link.Validators.Add(result =>
        {
            var uri = Uri.TryCreate(result.Tokens is [var token, ..] ? token.Value : null, UriKind.Absolute, out var given) ? given : null;
            if (uri?.Scheme is not ("mqtt" or "mqtts") || uri.PathAndQuery is not ("/" or "")) { result.AddError("--link: expected mqtt://host or mqtts://host"); }
            else if (uri.UserInfo.Length > 0) { result.AddError("--link: expected no user or password: put them in a file, for --login"); }
        });
        command.Validators.Add(result =>
        {
            if (result.GetResult(link) is not null && result.GetResult(host) is { Implicit: false } && result.GetValue(host) == HostKind.Simulation)
            {
                result.AddError("--link: a simulated fleet meets in its own world; leave --host out");
            }
        });
        target.Validators.Add(result => Require(result, "--target", 0.01, 1));
        seconds.Validators.Add(result => Require(result, "--seconds", 1, 100_000));
        command.SetAction((result, cancellationToken) => RunAsync(
            new()
            {
                Data = result.GetValue(data),
                Devices = result.GetValue(devices),
                Seed = result.GetValue(seed),
                Host = result.GetValue(link) is null ? result.GetValue(host) : HostKind.Dataflow,
                Link = result.GetValue(link),
                Login = result.GetValue(login),
                Mode = result.GetValue(mode),
                Steps = result.GetValue(steps),
                Target = result.GetValue(target),
                Seconds = result.GetValue(seconds),
                Contrast = result.GetValue(contrast),
                Scenario = result.GetValue(scenario),
                Graph = result.GetValue(graph),
                Explain = result.GetValue(explain),
                Out = result.GetValue(output)!,
                CommandLine = string.Join(' ', result.Tokens.Select(t => t.Value)),
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

    private static void Require(OptionResult result, string name, double least, double most)
    {
        var given = result.Tokens is [var token, ..] && double.TryParse(token.Value, CultureInfo.InvariantCulture, out var value)
            ? value
            : least;
        if (!(given >= least && given <= most)) { result.AddError(FormattableString.Invariant($"{name}: expected {least} to {most}")); }
    }

    private static void Check(QuickstartOptions options)
    {
        if (options.Login is { } login && (options.Link is null || !login.Exists))
        {
            throw new QuickstartException("--login: expected a file, and --link", ExitCode.BadCommandLine);
        }

        if (!options.IsVirtual && options.Steps == StepChoice.Continuous)
        {
            throw new QuickstartException("--steps continuous: only in the simulation, where a run has a length", ExitCode.BadCommandLine);
        }

        if (options.Record is null) { return; }
        if (options.Replay is not null)
        {
            throw new QuickstartException("--record and --replay exclude each other", ExitCode.BadCommandLine);
        }
        if (options.Host == HostKind.Simulation)
        {
            throw new QuickstartException(
                "--record: add --host dataflow; a simulated run repeats without a recording", ExitCode.BadCommandLine);
        }
        if (options.Mode == ModeChoice.Both)
        {
            throw new QuickstartException("--record: add --mode async or --mode barrier; a recording is of one run", ExitCode.BadCommandLine);
        }
    }
}
