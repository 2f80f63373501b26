using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using StreamLearn.Models;
using StreamLearn.Onnx.Tests;
using StreamLearn.Tables;

namespace Tool.Tests;

public sealed class CHeaderTests(ITestOutputHelper output)
{
    private static readonly InstalledProgram Gcc = new("gcc");
    private static readonly InstalledProgram Size = new("size");
    private static readonly ConcurrentDictionary<string, Lazy<PreparedWindows>> Made = new(StringComparer.Ordinal);

    [Theory]
    [InlineData("rows")]
    [InlineData("features")]
    [InlineData("motion")]
    [InlineData("dense")]
    [InlineData("odd")]
    [InlineData("value")]
    [InlineData("rocket")]
    [InlineData("conv")]
    [InlineData("lags")]
    public async Task Rows_are_answered_in_C_as_by_the_model(string name)
    {
        var (windows, others, most) = await CompareAsync(name, static header => header);

        output.WriteLine($"{name}: {windows} windows, {others} of another class, scores {most:0.0e0} apart at most, relative");
        Assert.Equal((1_000, 0), (windows, others));
        Assert.InRange(most, 0, 1e-5);
    }

    [Theory]
    [InlineData("rocket", "t + (c - 4) * step", "t + (c - 3) * step")]                          // a wrong dilation
    [InlineData("rocket", "% 2 == 1 ? 4 * step", "% 2 == 0 ? 4 * step")]                         // outputs beyond the ends
    [InlineData("dense", " + bias[o]", " + 0 * bias[o]")]                                       // a lost bias
    [InlineData("motion", "lane_[i & 7] += (term)", "lane_[i & 7] = (float)(lane_[i & 7] + (term))")]       // float32 for float64
    [InlineData("features", "[i + PUMP_HOP]", "[i + PUMP_HOP - 1]")]                            // windows off by one row
    [InlineData("features", "2 * k == PUMP_ROWS ? 1 : 2", "k == PUMP_ROWS ? 1 : 2")]            // the last bin of an even number
    [InlineData("odd", "PUMP_ROWS % 2 == 1 ? last", "PUMP_ROWS % 2 == 2 ? last")]               // the median of an odd number
    [InlineData("conv", "+ k - before", "+ k - before + 1")]                                    // padding
    [InlineData("value", "40.0f + 12.5f", "40.5f + 12.5f")]                                     // the mean of the targets
    public async Task A_planted_defect_is_noticed(string name, string right, string wrong)
    {
        var (windows, others, most) = await CompareAsync(name, header =>
        {
            Assert.Contains(right, header, StringComparison.Ordinal);
            return header.Replace(right, wrong, StringComparison.Ordinal);
        });

        output.WriteLine($"{name}, {wrong}: {windows} windows, {others} of another class, scores {most:0.0e0} apart at most, relative");
        Assert.True(windows != 1_000 || others > 0 || most > 1e-5);
    }

    /// <summary>Variables take what is said, rounded up to where they may lie; constants and code together no more than is said.</summary>
    [Theory]
    [InlineData("rows")]
    [InlineData("motion")]
    [InlineData("dense")]
    [InlineData("value")]
    [InlineData("rocket")]
    [InlineData("conv")]
    [InlineData("lags")]
    public async Task What_it_takes_is_what_size_prints(string name)
    {
        using var folder = new TemporaryFolder();
        var header = Written(folder, PreparedWindows.Of(name, 10));
        File.WriteAllText(folder.File("part.c"), name is "value" or "lags"
            ? "#include \"pump.h\"\nfloat f(const float *row);\nfloat f(const float *row) { return pump_push(row) ? pump_answer() : 0; }\n"
            : "#include \"pump.h\"\nint f(const float *row, float *s);\nint f(const float *row, float *s) "
                + "{ return pump_push(row) ? pump_answer(s) : -1; }\n");
        await RunAsync(Gcc.Required, null, [.. Options(folder), "-c", "-o", folder.File("part.o"), folder.File("part.c")]);

        var said = Encoding.ASCII.GetString(await RunAsync(Size.Required, null, [folder.File("part.o")])).Split('\n')[1]
            .Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries).Take(3).Select(long.Parse).ToArray();

        output.WriteLine($"{name}: {header.ConstantBytes} of constants, {header.StateBytes} of variables; size: {said[0]} text, "
            + $"{said[1]} data, {said[2]} bss");
        Assert.InRange(said[0], header.ConstantBytes, header.FlashBytes);
        Assert.InRange(said[1] + said[2], header.StateBytes, header.StateBytes + 256);
    }

    [Fact]
    public async Task The_program_of_the_page_is_compiled_and_its_figures_are_those_of_the_header()
    {
        using var folder = new TemporaryFolder();
        var header = Written(folder, PreparedWindows.Of("motion", 2));
        var page = await File.ReadAllTextAsync(
            SourceFolder.File("docs/guides/models-of-other-tools.md"), TestContext.Current.CancellationToken);
        Assert.Contains($"{header.FlashBytes} bytes of flash ({header.ConstantBytes} of constants), {header.StateBytes} of RAM", page,
            StringComparison.Ordinal);
        File.WriteAllText(folder.File("main.c"), page.Split("```c\n")[1].Split("```")[0]);

        await RunAsync(Gcc.Required, null, [.. Options(folder), "-c", "-o", folder.File("main.o"), folder.File("main.c")]);
    }

    [Theory]
    [InlineData("NAN", "-std=c99")]
    [InlineData("-1e15f", "-std=c99")]
    [InlineData("1e20f", "-ffast-math")]
    [InlineData("sqrtf(-row[0])", "-ffast-math")]
    public async Task A_value_that_is_no_number_or_beyond_the_limit_begins_a_new_window_and_so_does_a_reset(string value, string option)
    {
        using var folder = new TemporaryFolder();
        var made = PreparedWindows.Of("odd", 2);
        Written(folder, made);
        File.WriteAllText(folder.File("main.c"), $$"""
            #include <stdio.h>
            #include "pump.h"
            int main(void)
            {
                int i;
                for (i = 0; i < 120; i++) {
                    float row[1] = {(float)i};
                    if (i == 20) { row[0] = {{value}}; }
                    if (i == 30) { row[0] = 9.9e14f; }
                    if (i == 90) { pump_reset(); }
                    if (pump_push(row)) { printf("%d:%g:%g ", i, pump_window[0][0], pump_window[0][34]); }
                }
                return 0;
            }
            """);
        await RunAsync(Gcc.Required, null, [.. Options(folder), option, "-o", folder.File("main"), folder.File("main.c"), "-lm"]);

        // rows 21 to 55, then 40 later: 61 to 95 would end after the reset
        Assert.Equal("55:21:55 ", Encoding.ASCII.GetString(await RunAsync(folder.File("main"), null, [])));
    }

    [Fact]
    public void What_is_too_large_or_has_no_form_is_refused_by_name()
    {
        using var folder = new TemporaryFolder();
        var (made, from, to) = (PreparedWindows.Of("rocket", 2), folder.File("m.safetensors"), folder.File("pump.h"));
        ModelFile.Save(from, made.Network, made.Weights, made.Card);
        var flash = CHeader.Of(made.Network, made.Weights, made.Card, "pump").FlashBytes;

        var (_, output, error) = Run("export", from, "--c", to, "--limit-kib", "16");
        Assert.Equal(("", $"streamlearn: {from}: C: expected at most 16 KiB of flash (--limit-kib), got "
            + string.Create(CultureInfo.InvariantCulture, $"{flash / 1024.0:0.0} KiB\n")), (output, error));
        Assert.False(File.Exists(to));
        Assert.Contains("images are not supported in C", Run("export", "vgg5", "--c", to).Error, StringComparison.Ordinal);
        var other = new Network(new(3), 2, [new Flatten(), new Tanh()], [new(1, new Dense(2))]);
        Assert.Contains("layer 1, tanh: ", Assert.Throws<NotSupportedException>(() =>
            CHeader.Of(other, other.Initial, ModelCard.Empty, "pump")).Message, StringComparison.Ordinal);
        Assert.Contains($"at most {flash} bytes of flash", Run("export", from, "--c", to).Output, StringComparison.Ordinal);
        Assert.Equal(2, Run("export", from, "--c", to, "--onnx", to).ExitCode);
        Assert.Equal(2, Run("export", from, "--c", to, "--all-exits").ExitCode);
        Assert.Equal(2, Run("export", from, "--c", to, "--limit-kib", "0").ExitCode);
        Assert.Equal(["pump_7", "model_7"], [CHeader.Prefix("Pump-7.h"), CHeader.Prefix("7.h")]);
    }

    [Theory]
    [InlineData("./math.h")]
    [InlineData("Stdint.H")]
    [InlineData("string.h")]
    [InlineData("ü.h")]
    [InlineData("-.h")]
    [InlineData("a/.h")]
    public void A_name_that_hides_a_header_of_C_or_leaves_no_letter_is_refused(string name)
    {
        using var folder = new TemporaryFolder();

        var (exitCode, _, error) = Run("export", "mlp:4-3-2", "--c", folder.File(name));

        Assert.Equal(2, exitCode);
        Assert.Contains($"got '{Path.GetFileName(name)}'", error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(folder.Path));
    }

    /// <summary>Names may hold what ends a comment or a string.</summary>
    [Fact]
    public async Task It_says_what_it_answers_and_in_which_units()
    {
        using var folder = new TemporaryFolder();
        var (value, classes) = (PreparedWindows.Of("value", 2), PreparedWindows.Of("motion", 2));
        var card = TargetCard.On(value.Card, "co2 */ \" /*/\n", new("ppm"), TimeSpan.FromMinutes(10));
        var header = CHeader.Of(value.Network, value.Weights, card, "pump").Text;
        File.WriteAllText(folder.File("pump.h"), header);
        File.WriteAllText(folder.File("motion.h"), CHeader.Of(classes.Network, classes.Weights,
            TargetCard.On(classes.Card, "class", Unit.One, TimeSpan.FromSeconds(0.5)), "motion").Text);
        File.WriteAllText(folder.File("main.c"), """
            #include <stdio.h>
            #include "pump.h"
            #include "motion.h"
            int main(void)
            {
                printf("%s|%s|%g|%s|%g", PUMP_TARGET, PUMP_UNIT, PUMP_SECONDS_AHEAD, motion_units[5], MOTION_SECONDS_AHEAD);
                return 0;
            }
            """);
        // what only one of the two headers' functions is for stays unused
        await RunAsync(Gcc.Required, null, [.. Options(folder), "-Wno-unused-function", "-o", folder.File("main"), folder.File("main.c"),
            "-lm"]);

        Assert.StartsWith("/* Answers windows with co2 * / \" / * /· [ppm], 600 s later: ", header, StringComparison.Ordinal);
        Assert.Equal("co2 */ \" /*/\n|ppm|600|rad/s|0.5", Encoding.ASCII.GetString(await RunAsync(folder.File("main"), null, [])));
    }

    /// <summary>Answers a thousand windows by the model and in C: how many came, how many are of another class, and by how much scores
    /// differ at most.</summary>
    private static async Task<(int Windows, int Others, double Most)> CompareAsync(string name, Func<string, string> change)
    {
        var made = Made.GetOrAdd(name, static n => new(() => PreparedWindows.Of(n))).Value;
        using var folder = new TemporaryFolder();
        var (header, outputs) = (Written(folder, made), made.Network.Plan.Outputs);
        File.WriteAllText(folder.File("pump.h"), change(header.Text));
        File.WriteAllText(folder.File("main.c"), outputs == 1 ? ValueProgram : ClassProgram);
        await RunAsync(Gcc.Required, null, [.. Options(folder), "-o", folder.File("main"), folder.File("main.c"), "-lm"]);
        var answers = Answers(await RunAsync(folder.File("main"), Bytes(made.Rows), []), outputs);
        var (others, most) = (0, 0.0);
        for (var w = 0; w < Math.Min(answers.Length, made.Count); w++)
        {
            var expected = made.Answers.AsSpan(w * outputs, outputs);
            for (var o = 0; o < outputs; o++)
            {
                most = Math.Max(most, Math.Abs((double)expected[o] - answers[w].Scores[o]) / Math.Abs(expected[o]));
            }

            others += outputs > 1 && ModelPlan.ClassOf(expected) != answers[w].Class ? 1 : 0;
        }

        return (answers.Length, others, most);
    }

    private static CHeader Written(TemporaryFolder folder, PreparedWindows made)
    {
        var header = CHeader.Of(made.Network, made.Weights, made.Card, "pump");
        File.WriteAllText(folder.File("pump.h"), header.Text);
        return header;
    }

    private static string[] Options(TemporaryFolder folder) =>
        ["-std=c99", "-Os", "-Wall", "-Wextra", "-Wpedantic", "-Werror", $"-I{folder.Path}"];

    private const string ClassProgram = """
        #include <stdio.h>
        #include "pump.h"
        int main(void)
        {
            float row[PUMP_CHANNELS], scores[PUMP_CLASSES];
            while (fread(row, sizeof row, 1, stdin) == 1) {
                if (pump_push(row)) {
                    float best = (float)pump_answer(scores);
                    fwrite(&best, sizeof best, 1, stdout);
                    fwrite(scores, sizeof scores, 1, stdout);
                }
            }
            return 0;
        }
        """;

    private const string ValueProgram = """
        #include <stdio.h>
        #include "pump.h"
        int main(void)
        {
            float row[PUMP_CHANNELS], answer[2] = {0};
            while (fread(row, sizeof row, 1, stdin) == 1) {
                if (pump_push(row)) {
                    answer[1] = pump_answer();
                    fwrite(answer, sizeof answer, 1, stdout);
                }
            }
            return 0;
        }
        """;

    private static (int Class, float[] Scores)[] Answers(byte[] bytes, int outputs) =>
        [.. MemoryMarshal.Cast<byte, float>(bytes).ToArray().Chunk(outputs + 1).Select(static a => ((int)a[0], a[1..]))];

    private static byte[] Bytes(float[] values) => MemoryMarshal.AsBytes<float>(values).ToArray();

    private static async Task<byte[]> RunAsync(string program, byte[]? input, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        using var output = new MemoryStream();
        var reading = process.StandardOutput.BaseStream.CopyToAsync(output);
        var problems = process.StandardError.ReadToEndAsync();
        await process.StandardInput.BaseStream.WriteAsync(input ?? []);
        process.StandardInput.Close();
        await reading;
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await problems);
        return output.ToArray();
    }
}
