using System.Net;
using System.Net.Sockets;

namespace Benchmarks;

/// <summary>The published sensor (Examples/publish.sh): milliseconds from its start until it speaks to its server, and resident memory
/// while it learns.</summary>
internal static class SensorStart
{
    private static readonly TimeSpan LearnsFor = TimeSpan.FromSeconds(4);

    /// <summary>Starts one of the published programs.</summary>
    /// <param name="program">Its place in artifacts/programs.</param>
    internal static Sample Measure(string program) => MeasureAsync(Published(program)).GetAwaiter().GetResult();

    /// <summary>Python from its start until it has imported a module.</summary>
    internal static Contender Import(string module)
    {
        string? missing = null;
        ProcessStartInfo? start = null;
        return new($"import {module}", () =>
        {
            var from = Stopwatch.GetTimestamp();
            using var python = Process.Start(start!)!;
            python.StandardOutput.ReadLine();
            var milliseconds = Stopwatch.GetElapsedTime(from).TotalMilliseconds;
            var sample = Of(milliseconds, python);
            python.Kill();
            return sample;
        })
        {
            Look = () =>
            {
                try
                {
                    start = Peers.Python(module, "");
                    start.ArgumentList.Clear();
                    start.ArgumentList.Add("-c");
                    start.ArgumentList.Add($"import {module}, sys; print('ready', flush=True); sys.stdin.read()");
                }
                catch (BenchmarkException e) { missing = e.Message; }
                return missing;
            },
        };
    }

    private static string Published(string program)
    {
        var folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "StreamLearn.sln"))) { folder = Path.GetDirectoryName(folder); }
        var path = Path.Combine(folder ?? "", "artifacts", "programs", program);
        return File.Exists(path) ? path : throw new BenchmarkException($"no {path}: Examples/publish.sh makes it");
    }

    private static async Task<Sample> MeasureAsync(string program)
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "s.yaml");
        using var door = new TcpListener(IPAddress.Loopback, 0);
        door.Start();
        var url = $"nats://127.0.0.1:{((IPEndPoint)door.LocalEndpoint).Port}";
        var init = new ProcessStartInfo(program, ["config", "init"]) { RedirectStandardOutput = true };
        using (var printing = Process.Start(init)!) { File.WriteAllText(file, printing.StandardOutput.ReadToEnd()); }

        var start = new ProcessStartInfo(program, ["run", "-c", file, "--set", $"link.url={url}",
            "--set", "source.generator.users=[1]", "--set", "source.generator.speed=1"])
        {
            RedirectStandardOutput = true,
        };
        start.Environment["DOTNET_TieredPGO"] = "0";        // as a device sets it that starts often: nothing is counted for later
        var from = Stopwatch.GetTimestamp();
        using var process = Process.Start(start)!;
        var passing = new List<Task>();
        using var stop = new CancellationTokenSource();
        var milliseconds = await PassAsync(door, server.Port, from, passing, stop.Token);
        var more = PassAllAsync(door, server.Port, passing, stop.Token);
        await Task.Delay(LearnsFor, TimeProvider.System, CancellationToken.None);
        var sample = Of(milliseconds, process);
        process.Kill();
        await process.WaitForExitAsync(CancellationToken.None);
        await stop.CancelAsync();
        await Task.WhenAll([more, .. passing]);
        return sample;
    }

    private static async Task PassAllAsync(TcpListener door, int port, List<Task> passing, CancellationToken stop)
    {
        try
        {
            while (true) { await PassAsync(door, port, 0, passing, stop); }
        }
        catch (OperationCanceledException)
        {
        }
    }

    /// <summary>Takes a connection and passes its bytes on to the server.</summary>
    /// <returns>When its first byte came.</returns>
    private static async Task<double> PassAsync(TcpListener door, int port, long from, List<Task> passing, CancellationToken stop)
    {
        var inside = await door.AcceptTcpClientAsync(stop);
        var outside = new TcpClient();
        await outside.ConnectAsync(IPAddress.Loopback, port, stop);
        var first = new TaskCompletionSource<double>();
        passing.Add(CopyAsync(outside.GetStream(), inside.GetStream(), null, stop));
        passing.Add(CopyAsync(inside.GetStream(), outside.GetStream(),
            () => first.TrySetResult(Stopwatch.GetElapsedTime(from).TotalMilliseconds), stop));
        return await first.Task;
    }

    private static async Task CopyAsync(NetworkStream from, NetworkStream to, Action? came, CancellationToken stop)
    {
        var buffer = new byte[65_536];
        try
        {
            while (await from.ReadAsync(buffer, stop) is > 0 and var count)
            {
                came?.Invoke();
                await to.WriteAsync(buffer.AsMemory(0, count), stop);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // one end has gone
        }
        finally { to.Dispose(); }
    }

    /// <summary>Source: Linux, <c>VmRSS</c>.</summary>
    private static Sample Of(double milliseconds, Process process)
    {
        var line = File.ReadLines($"/proc/{process.Id}/status").First(static l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
        var kibibytes = double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        return new(milliseconds, process.TotalProcessorTime.TotalMilliseconds, double.NaN)
        {
            Details = new Dictionary<string, double> { ["resident_mib"] = kibibytes / 1024 },
        };
    }
}
