using System.Runtime.InteropServices;
using StreamLearn.Models;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace StreamLearn.Torch.Tests;

/// <summary>What is refused at wiring, and in which words.</summary>
public sealed class RefusalTests
{
    private static readonly Shape Signal = new(3, 16);

    /// <summary>The program of these tests itself, where libtorch was not loaded beforehand.</summary>
    [Fact]
    public async Task Without_native_libraries_the_refusal_says_what_to_add()
    {
        using var program = OwnProcess.Start("without-torch");
        var said = await program.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await program.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Contains(said.Contains("libstdc++", StringComparison.Ordinal)
            ? "torch: expected a libstdc++ with GLIBCXX_3.4.32 (GCC 13: Debian 13, Ubuntu 24.04 or newer), got an older one."
            : "torch: expected the native libraries of libtorch next to the program, got none. Add one of the packages libtorch-cpu",
            said, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(AppContext.BaseDirectory, "cpu")), "TorchSharp must not copy libtorch about");
    }

    [Fact]
    public async Task A_processor_on_which_libtorch_computes_wrong_is_refused()
    {
        using var program = OwnProcess.Start("unbounded");
        var said = await program.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Assert.Matches(@"^0\.0322 -0\.0101 |set the environment variable DNNL_MAX_CPU_ISA=AVX2 and start again", said);
    }

    [Fact]
    public void The_loaders_words_become_causes()
    {
        const string missing = "Unable to load shared library 'LibTorchSharp'\nlibtorch.so: cannot open shared object file: No such file";
        const string old = "/lib/x86_64-linux-gnu/libstdc++.so.6: version `GLIBCXX_3.4.32' not found (required by libLibTorchSharp.so)";
        Assert.Contains("Add one of the packages libtorch-cpu-linux-x64", TorchNatives.Cause(missing), StringComparison.Ordinal);
        Assert.Contains("a libstdc++ with GLIBCXX_3.4.32 (GCC 13", TorchNatives.Cause(old), StringComparison.Ordinal);
        Assert.Contains("a glibc with GLIBC_2.38, got", TorchNatives.Cause("version `GLIBC_2.38' not found"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("linux-x64", Architecture.X64, true)]
    [InlineData("win-x64", Architecture.X64, true)]
    [InlineData("win-arm64", Architecture.Arm64, true)]
    [InlineData("osx-arm64", Architecture.Arm64, true)]
    [InlineData("linux-arm64", Architecture.Arm64, false)]
    [InlineData("linux-arm", Architecture.Arm, false)]
    [InlineData("osx-x64", Architecture.X64, false)]
    [InlineData("linux-musl-x64", Architecture.X64, false)]
    [InlineData("alpine.3.21-x64", Architecture.X64, false)]
    public void Systems_without_a_binary_are_told_what_runs_there(string system, Architecture processor, bool has)
    {
        var refusal = TorchNatives.Refusal(system, processor);
        if (has) { Assert.Null(refusal); }
        else { Assert.Matches($"win-x64.*got {system} on {processor}. Networks of StreamLearn.Models run here", refusal); }
    }

    /// <summary>On a machine with a GPU and its package, <c>cuda:0</c> computes; elsewhere it is refused, and so is what comes after the
    /// last.</summary>
    [Fact]
    public void A_device_that_is_not_there_is_refused_and_never_replaced()
    {
        var count = cuda.is_available() ? cuda.device_count() : 0;
        var refusal = Assert.Throws<ArgumentException>(() => Linear48($"cuda:{count}"));
        var said = $"expected a device cuda:{count}, got {count} devices of CUDA. Add the package TorchSharp-cuda-linux";
        Assert.Contains(said, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("expected device cpu, cuda or cuda:N, got 'tpu'", Said(() => Linear48("tpu")), StringComparison.Ordinal);
        if (count == 0) { return; }
        var gradients = new float[Linear48("cuda:0").Plan.Values];
        var rows = Rows.Of(Signal, 4, 4);
        Assert.Equal(Linear48("cpu").Loss(Linear48("cpu").Initial.Values.AsSpan(), rows.Sample, gradients, new()),
            Linear48("cuda:0").Loss(Linear48("cpu").Initial.Values.AsSpan(), rows.Sample, gradients, new()), 1e-4f);
    }

    [Fact]
    public void Modules_that_do_not_fit_are_refused()
    {
        Refused("expected outputs [3, 4] of float32, got [3, 5]", static () => Flat(48, 5));
        Refused("expected a module for rows [3, 3, 16], got: ", static () => Flat(50, 4));
        Refused("expected a module with trainable parameters", static () => Sequential(("r", ReLU())));
        Refused("uses random numbers in inference", static () => new Noise());
        var one = Flat(48, 4);
        Refused("expected a new module at each call, got the same one again", () => one);
        Refused("float32, got Float64", static () => Sequential(("f", Flatten()), ("l", Linear(48, 4, dtype: ScalarType.Float64))));
        Assert.Contains("learns from rows only", Said(static () => _ = new TorchModel("x", Signal, 4,
            static () => Flat(48, 4), new() { Loss = new Distillation(2, 0.5f) })), StringComparison.Ordinal);

        static void Refused(string reason, Func<Module<Tensor, Tensor>> module) =>
            Assert.Contains(reason, Said(() => Of(module)), StringComparison.Ordinal);
    }

    [Fact]
    public void Two_threads_of_a_step_are_refused_where_they_would_do_nothing()
    {
        var rows = Rows.Of(Signal, 8, 4);
        Assert.Contains("expected Threads = 1: a step of torch x", Said(() => Of(static () => Flat(48, 4))
            .Fit(new(rows.Features, rows.Labels), new() { Threads = 2 })), StringComparison.Ordinal);
    }

    private static string Said(Action wire) => Assert.ThrowsAny<ArgumentException>(wire).Message;
    private static TorchModel Of(Func<Module<Tensor, Tensor>> module) => new("x", Signal, 4, module);
    private static TorchModel Linear48(string device) => new("x", Signal, 4, static () => Flat(48, 4), new() { Device = device });

    private static TorchSharp.Modules.Sequential Flat(int features, int outputs) =>
        Sequential(("f", Flatten()), ("l", Linear(features, outputs)));

    private sealed class Noise : Module<Tensor, Tensor>
    {
        private readonly TorchSharp.Modules.Linear _head = Linear(48, 4);
        internal Noise() : base(nameof(Noise)) => register_module("head", _head);
        public override Tensor forward(Tensor input) => _head.call(input.flatten(1) + randn_like(input.flatten(1)));
    }
}
