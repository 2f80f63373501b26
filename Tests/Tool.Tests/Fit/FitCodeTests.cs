using System.Collections.Immutable;
using StreamLearn.Learning;
using StreamLearn.Models;
using StreamLearn.Tables;

namespace Tool.Tests;

/// <summary>What a code of updates saves on the models of <c>fit</c>, and what it costs.</summary>
public sealed class FitCodeTests(ITestOutputHelper output)
{
    private static readonly string[] Codes = ["qsgd:4", "k-bit:6", "ternary", "sign", "top-k:0.01"];

    private static readonly string[] Short = ["--devices", "4", "--seconds", "30", "--mode", "async"];

    [Fact]
    public async Task A_code_is_compared_with_a_run_without_it()
    {
        const string Code = "sign";
        using var folder = new TemporaryFolder();
        var run = await ToolRun.RunAsync(["fit", "--model", "linear", .. Short, "--code", Code, "--json", folder.File("result.json")]);
        var result = await folder.ResultAsync();

        Assert.Contains($"  code       {Code}: ", run.Output, StringComparison.Ordinal);
        Assert.Equal(Code, result.GetProperty("code").GetString());
        Assert.Equal(["async", "async-float32"],
            result.GetProperty("runs").EnumerateArray().Select(static r => r.GetProperty("mode").GetString()));
        Assert.InRange(Number(result, "bytes_per_update_float32") / Number(result, "bytes_per_update"), 10, 64);
        Assert.InRange(Number(result, "accuracy_float32"), 0.2, 1);
    }

    [Fact]
    public async Task A_fleet_that_learns_a_value_is_compared_too()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllLinesAsync(folder.File("wear.csv"), ["machine,time,vib,life",
            .. from machine in Enumerable.Range(1, 5)
               from row in Enumerable.Range(0, 1000)
               select FormattableString.Invariant($"m{machine},{row / 10.0:0.0},{Math.Sin(row + machine) * (1 + (row / 500.0)):0.000},")
                   + FormattableString.Invariant($"{100 - (row / 10.0):0.0}")],
            TestContext.Current.CancellationToken);
        var result = await ToolRun.ResultAsync("fit", "--csv", folder.File("wear.csv"), "--target", "life", "--fleet", "--mode", "async",
            "--model", "linear", "--seconds", "10", "--code", "qsgd:4");

        var bytes = result.GetProperty("runs").EnumerateArray().Select(static r => Number(r, "bytes_per_update")).ToList();
        Assert.Equal(("qsgd:4", 2), (result.GetProperty("code").GetString(), bytes.Count));
        Assert.InRange(bytes[1], 1.5 * bytes[0], 64 * bytes[0]);
    }

    [Fact]
    public async Task A_code_that_is_unknown_or_without_a_fleet_is_refused()
    {
        var unknown = await ToolRun.RunAsync("fit", "--code", "zip");
        Assert.Equal(2, unknown.ExitCode);
        Assert.Contains("--code: expected top-k:0.01, random-k:0.01, qsgd:4, ternary, sign or k-bit:6, got 'zip'", unknown.Error,
            StringComparison.Ordinal);
        Assert.Contains("--code: leave it out; one machine learns",
            (await ToolRun.RunAsync("fit", "--csv", "a.csv", "--label", "b", "--alone", "--code", "sign")).Error, StringComparison.Ordinal);
    }

    /// <summary>Bytes of an update with moments of rows in float32, of one with a code that has them and a dense scale too, as before, and
    /// of one that spares both.</summary>
    [Fact]
    public void A_coded_update_of_a_small_model_is_little_more_than_its_code()
    {
        foreach (var kind in (ModelKind[])[ModelKind.Linear, ModelKind.Features, ModelKind.Conv])
        {
            ImmutableArray<Field> channels = [.. "abcdef".Select(static c => Field.Channel($"{c}", Unit.One))];
            var plan = WindowModel.Create(new(channels, 128, 64) { Kind = kind, RowsPerSecond = 50 }, classes: 6, seed: 1).Plan;
            var (values, random, exact) = (new float[plan.Values], new RandomStream(1, "codes"), 0);
            foreach (var slice in plan.Slices)
            {
                exact += slice.Kind == SliceKind.Trained ? 0 : slice.Length;
                if (slice.Kind != SliceKind.Trained) { continue; }
                foreach (ref var value in slice.Of(values.AsSpan())) { value = (float)random.NextGaussian(); }
            }

            ImmutableArray<double> zeros = [.. new double[plan.Input.Channels]];
            var update = new WeightDelta
            {
                Device = "person-01",
                Epoch = 1,
                Sequence = 1,
                BaseVersion = 7,
                BaseEpoch = 1,
                Held = new(1, 7),
                Steps = 4,
                Samples = 64,
                RoundTime = TimeSpan.FromSeconds(1),
                SchemaHash = plan.SchemaHash,
                Values = [.. values],
            };
            var full = update with { Moments = new(100, zeros, zeros) };
            foreach (var code in Codes)
            {
                var coded = CodedValues.Of(plan, values, TensorCodes.TryParse(code)!, random);
                var bytes = (update with { Values = coded.Values, Coded = coded }).EncodedBytes;
                var before = bytes + full.EncodedBytes - update.EncodedBytes + Math.Max(0, (4 * exact) - 8);
                output.WriteLine(FormattableString.Invariant($"{kind,-9}{plan.Values,7} values {code,-11}{full.EncodedBytes,8} {before,7} ")
                    + FormattableString.Invariant($"1/{(double)full.EncodedBytes / before:0.0} {bytes,7} ")
                    + FormattableString.Invariant($"1/{(double)full.EncodedBytes / bytes:0.0}, ")
                    + FormattableString.Invariant($"{bytes - coded.Bytes.Length} beside the code"));
                Assert.InRange(bytes - coded.Bytes.Length, 1, 125);
                Assert.True(kind == ModelKind.Conv || before >= bytes + (20 * plan.Input.Channels), $"{kind} {code}");
            }
        }
    }

    /// <summary>The table of the guide.</summary>
    [LongFact]
    public async Task Codes_save_on_each_model_of_fit()
    {
        foreach (var model in (string[])["linear", "features", "conv"])
        {
            foreach (var code in Codes)
            {
                using var folder = new TemporaryFolder();
                await ToolRun.RunAsync("fit", "--model", model, "--mode", "async", "--code", code, "--json", folder.File("result.json"));
                var result = await folder.ResultAsync();
                var (bytes, plain) = (Number(result, "bytes_per_update"), Number(result, "bytes_per_update_float32"));
                output.WriteLine(FormattableString.Invariant($"{model,-9}{code,-11}{plain,8:0} {bytes,8:0} 1/{plain / bytes:0.0}  ")
                    + FormattableString.Invariant($"{Number(result, "accuracy_float32"):0.000} {Number(result, "accuracy"):0.000}"));
                Assert.True(plain / bytes >= 5, $"{model} {code}");
            }
        }
    }

    private static double Number(JsonElement result, string name) => result.GetProperty(name).GetDouble();
}
