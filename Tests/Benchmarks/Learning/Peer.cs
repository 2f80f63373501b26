using System.Text.Json;
using System.Text.Json.Nodes;

namespace Benchmarks;

/// <summary>Another library that does the same work as ours on the same models.</summary>
internal interface IPeer
{
    /// <summary>Its name among the contenders.</summary>
    string Name { get; }

    /// <summary>Why it cannot be asked about a model; null if it can.</summary>
    string? Missing(BenchmarkModel model);

    /// <summary>A contender of a training case: steps per second of its processor time.</summary>
    Contender Train(BenchmarkModel model, int batch, double seconds, double unitsPerStep = 1);

    /// <summary>A contender of an inference case: microseconds.</summary>
    Contender Infer(BenchmarkModel model, double seconds);

    /// <summary>The mean loss over steps that each take the same first rows of a model.</summary>
    double Loss(BenchmarkModel model, int rows, int steps, float rate);
}

/// <summary>
/// A process that does the same work with another library. It stays alive and is asked line by line, so that turns cost no start; it ends
/// when its input does, with this process at the latest.
/// </summary>
/// <param name="name">Its name among the contenders.</param>
/// <param name="start">Says how to start it; throws <see cref="BenchmarkException"/> where something is not installed.</param>
internal sealed class Peer(string name, Func<ProcessStartInfo> start) : IPeer
{
    private readonly Dictionary<string, string?> _loaded = [];      // by name of the model; why not, or null
    private Process? _process;
    private string? _missing;
    public string Name => name;

    /// <summary>Why it cannot be asked; null if it can. Starts it.</summary>
    internal string? Missing()
    {
        if (_process is not null || _missing is not null) { return _missing; }
        try
        {
            _process = Process.Start(start())!;
            _process.StandardInput.AutoFlush = true;
            if (Ask("hello") is not { } answer) { _missing = "it ended at once"; }
            else { _missing = (string?)answer["missing"]; }
        }
        catch (Exception e) when (e is BenchmarkException or System.ComponentModel.Win32Exception) { _missing = e.Message; }
        return _missing;
    }

    /// <summary>Why it cannot be asked about a model; null if it can. Hands it the model.</summary>
    public string? Missing(BenchmarkModel model)
    {
        if (Missing() is { } reason) { return reason; }
        if (!_loaded.TryGetValue(model.Name, out var known)) { _loaded[model.Name] = known = Load(model); }
        return known;
    }

    /// <summary>A contender of a training case: steps per second of its processor time.</summary>
    public Contender Train(BenchmarkModel model, int batch, double seconds, double unitsPerStep = 1) =>
        Rate(name, $"train {model.Name} {batch}", seconds, unitsPerStep) with { Look = () => Missing(model) };

    /// <summary>A contender of an inference case: microseconds.</summary>
    public Contender Infer(BenchmarkModel model, double seconds) => new(name, TrainRun.Lazily(
        () => new Repeat(Measurement.Times(seconds, times => (double)Ask($"infer {model.Name} {times}")["wall"]!)),
        repeat =>
        {
            var answer = Ask($"infer {model.Name} {repeat.Times}");
            return new((double)answer["value"]!, 1e6 * (double)answer["cpu"]! / repeat.Times, double.NaN);
        }))
    {
        Look = () => Missing(model),
    };

    /// <summary>A contender that does something so many times: units per second of its processor time.</summary>
    internal Contender Rate(string contender, string request, double seconds, double unitsPerTime) =>
        Rate(contender, () => request, seconds, unitsPerTime);

    /// <summary>The same, where the request is made when it is needed.</summary>
    internal Contender Rate(string contender, Func<string> request, double seconds, double unitsPerTime) => new(contender, TrainRun.Lazily(
        () => new Repeat(Measurement.Times(seconds, times => (double)Ask($"{request()} {times}")["cpu"]!)),
        repeat =>
        {
            var rate = unitsPerTime * repeat.Times / (double)Ask($"{request()} {repeat.Times}")["cpu"]!;
            return new(rate, rate, double.NaN);
        }))
    {
        Look = Missing,
    };

    /// <summary>A contender that does something so many times: nanoseconds for each by the clock.</summary>
    internal Contender Nanoseconds(string contender, Func<string> request, double seconds) => new(contender, TrainRun.Lazily(
        () => new Repeat(Measurement.Times(seconds, times => (double)Ask($"{request()} {times}")["wall"]!)),
        repeat =>
        {
            var answer = Ask($"{request()} {repeat.Times}");
            return new(1e9 * (double)answer["wall"]! / repeat.Times, 1e9 * (double)answer["cpu"]! / repeat.Times, double.NaN);
        }))
    {
        Look = Missing,
    };

    /// <summary>The mean loss over steps that each take the same first rows of a model.</summary>
    public double Loss(BenchmarkModel model, int rows, int steps, float rate)
    {
        Load(model);        // again: from the initial weights
        return (double)Ask(string.Create(CultureInfo.InvariantCulture, $"check {model.Name} {rows} {steps} {rate}"))["value"]!;
    }

    /// <summary>Asks, and gives the answer.</summary>
    /// <exception cref="BenchmarkException">It ended, or answered with an error.</exception>
    internal JsonObject Ask(string request)
    {
        try { _process!.StandardInput.WriteLine(request); }
        catch (IOException)
        {
            // it has ended: its answer says so
        }
        return Answer();
    }

    /// <summary>One more answer to what was asked last.</summary>
    /// <exception cref="BenchmarkException">It ended, or answered with an error.</exception>
    internal JsonObject Answer()
    {
        var line = _process!.StandardOutput.ReadLine()
            ?? throw new BenchmarkException($"{name} ended: {LastLine(_process.StandardError.ReadToEnd())}");
        try
        {
            var answer = JsonNode.Parse(line)!.AsObject();
            return answer["error"] is { } error ? throw new BenchmarkException($"{name}: {error}") : answer;
        }
        catch (JsonException) { throw new BenchmarkException($"{name}: expected an answer in JSON, got {line}"); }
    }

    private string? Load(BenchmarkModel model)
    {
        var path = Path.GetTempFileName();
        try
        {
            model.Write(path);
            return (string?)Ask(model.Request(path))["missing"];
        }
        finally { File.Delete(path); }
    }

    private static string LastLine(string text) =>
        text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault() ?? "without a word";

    private sealed record Repeat(int Times);
}
