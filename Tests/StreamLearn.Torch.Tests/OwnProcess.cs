using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using StreamLearn.Models;
using StreamLearn.Operators;
using StreamLearn.Programs;
using StreamLearn.Samples;

namespace StreamLearn.Torch.Tests;

/// <summary>What this program does as a process of its own: an application with a torch model, or one that finds no libtorch.</summary>
internal static partial class OwnProcess
{
    internal static readonly FleetTopics Topics = new("sl/torch");

    /// <summary>The application's model.</summary>
    internal static TorchModel Model() =>
        new("lstm", HarRows.Window, HarRows.Classes, static () => new LstmNet(6, 16, 6), new() { Seed = 1 });

    /// <summary>Starts this program again.</summary>
    internal static Process Start(params string[] arguments) =>
        Process.Start(new ProcessStartInfo(Path.ChangeExtension(typeof(OwnProcess).Assembly.Location, null), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
        })!;

    /// <summary>A device over a server, until its input ends.</summary>
    internal static async Task<int> SensorAsync(string name, Uri server)
    {
        await using var link = EdgeLink.Over(EdgeServer.Open(server, $"sl-torch-{name}", TimeSpan.FromMinutes(1), login: null));
        await using var run = SensorPipeline.Create(Options(name), link).Start();
        await Console.In.ReadLineAsync();
        Console.WriteLine(run.Metrics["train"].Counter("steps"));
        return run.Completion.IsFaulted ? 1 : 0;
    }

    /// <summary>Makes a model where libtorch was not loaded beforehand, and prints what is said.</summary>
    internal static int Refused()
    {
        try
        {
            return Model().ExitCount;
        }
        catch (NotSupportedException refusal)
        {
            Console.WriteLine(refusal.Message);
            return 0;
        }
    }

    /// <summary>Answers by a script with whatever code libtorch chooses on this processor, or prints why it must not.</summary>
    internal static int Unbounded()
    {
        TestNatives.Load();
        try
        {
            var answers = ScriptTests.Answers().Select(static a => a.ToString("0.0000", CultureInfo.InvariantCulture));
            Console.WriteLine(string.Join(' ', answers));
        }
        catch (NotSupportedException refusal)
        {
            Console.WriteLine(refusal.Message);
        }

        return 0;
    }

    /// <summary>Before libtorch is loaded: on some processors oneDNN computes wrong with AVX-512, and tests want the same numbers on
    /// all.</summary>
    internal static void AvoidAvx512()
    {
        if (OperatingSystem.IsLinux()) { _ = SetVariable("DNNL_MAX_CPU_ISA", "AVX2", overwrite: 0); }
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrite);

    private static SensorOptions Options(string name) => new(name, Topics, Model(),
        p => p.FromHarStream(new() { User = name[^1] - '0', Seed = 1, Duration = TimeSpan.FromHours(24), SpeedUp = 60 }), HarStream.Schema,
        static rows => rows.Window(HarRows.Samples, HarRows.Samples / 2))
    {
        Training = new()
        {
            Optimizer = new AdamW(0.003f),
            Announce = true,
            Epoch = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds(),
        },
        HeartbeatEvery = TimeSpan.FromSeconds(1),
    };
}
