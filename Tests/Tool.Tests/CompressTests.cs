using System.Collections.Immutable;
using System.Text.RegularExpressions;
using StreamLearn.Compression;
using StreamLearn.Learning;
using StreamLearn.Models;

namespace Tool.Tests;

public sealed class CompressTests : IDisposable
{
    private const int Rows = 400;

    public static TheoryData<string> Ahead => LongForm.IsAsked ? ["", "20"] : ["20"];

    private readonly string _folder = Directory.CreateTempSubdirectory("tool-tests-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_model_is_compared_with_its_smaller_forms_and_they_are_saved()
    {
        var (exitCode, output, error) = Run("compress", Model(), "--csv", Csv(), "--label", "state", "--out", _folder, "--save", "--json");

        Assert.True(exitCode == 0, error);
        using var json = JsonDocument.Parse(output);
        var forms = json.RootElement.GetProperty("forms").EnumerateArray().ToList();
        Assert.Equal(["float32", "int8", "int8, trained on"], forms.Take(3).Select(static f => f.GetProperty("name").GetString()));
        Assert.InRange(forms[1].GetProperty("bytes").GetInt64(), 1, forms[0].GetProperty("bytes").GetInt64() / 2);
        Assert.InRange(forms[1].GetProperty("accuracy").GetDouble(), forms[0].GetProperty("accuracy").GetDouble() - 0.03, 1);
        Assert.Equal(forms[0].GetProperty("multiplyAdds").GetInt64(), forms[1].GetProperty("multiplyAdds").GetInt64());
        foreach (var (name, share) in new[] { ("pruned 90 %", 0.6), ("half the units", 0.5), ("codebook", 0.4), ("distilled", 0.4) })
        {
            var form = forms.Single(f => f.GetProperty("name").GetString() == name);
            Assert.InRange(form.GetProperty("bytes").GetInt64(), 1, (long)(share * forms[0].GetProperty("bytes").GetInt64()));
            Assert.InRange(form.GetProperty("accuracy").GetDouble(), 0.8, 1);
        }

        Assert.InRange(json.RootElement.GetProperty("updates")[0].GetProperty("bytes").GetInt64(), 4 * 100, 1 << 20);
        var page = File.ReadAllText(Path.Join(_folder, "compress.html"));
        Assert.Contains("<script type=\"application/json\">{\"label\":\"Accuracy\"", page, StringComparison.Ordinal);
        Assert.Contains("Scored on", page, StringComparison.Ordinal);
        Assert.Contains("int8, trained on", page, StringComparison.Ordinal);
        Assert.Equal(forms.Count(static f => !f.TryGetProperty("refused", out _)), Directory.GetFiles(_folder, "*.safetensors").Length - 1);
        var codebook = CompressedValues.Load(Path.Join(_folder, "codebook.safetensors"));
        Assert.InRange(codebook.Weights.Values.Count(static v => v == 0), codebook.Weights.Values.Length * 4 / 5, int.MaxValue);
        Assert.IsType<Int8Network>(ModelFile.Load(Path.Join(_folder, "int8.safetensors")).Model);
    }

    [Fact]
    public void A_form_that_a_model_cannot_have_is_told_by_name()
    {
        var regression = new SoftmaxRegression(8, 3);
        var path = Path.Join(_folder, "softmax.safetensors");
        ModelFile.Save(path, regression, regression.Initial);

        var (exitCode, output, _) = Run("compress", path, "--csv", Csv(), "--label", "state", "--out", _folder);

        Assert.Equal(0, exitCode);
        Assert.Matches(@"(?m)^float32 +[\d,]+ +100.0", output);
        Assert.Contains("int8: expected a network of layers", output, StringComparison.Ordinal);
        var page = File.ReadAllText(Path.Join(_folder, "compress.html"));
        Assert.Contains("int8: expected a network of layers", page, StringComparison.Ordinal);
        Assert.Matches("Scored on 100\\srows \\(one in four\\); whether the model learned from them is unknown; "
            + "always answering the most frequent class is correct for [34]", output);
        Assert.Matches("an update as float32: [\\d,]+ bytes", output);
    }

    [Fact]
    public async Task A_model_of_fit_takes_the_rows_that_it_was_fitted_to()
    {
        var (rows, model) = (Sensors("temp", "good"), Path.Join(_folder, "fit/model.safetensors"));
        // no name of a label: the texts of the column say it
        await File.WriteAllTextAsync(rows, (await File.ReadAllTextAsync(rows, TestContext.Current.CancellationToken)).Replace(
            ",state", ",how", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        await ToolRun.ResultAsync("fit", "--csv", rows, "--label", "how", "--alone", "--model", "linear",
            "--out", Path.Join(_folder, "fit"));

        var (exitCode, output, error) = Run("compress", model, "--csv", rows, "--out", _folder, "--json");

        Assert.True(exitCode == 0, error);
        using var json = JsonDocument.Parse(output);
        Assert.InRange(json.RootElement.GetProperty("forms")[1].GetProperty("accuracy").GetDouble(), 0.9, 1);
        Assert.Equal(65, Run("compress", model, "--csv", Sensors("tmp", "good"), "--label", "state").ExitCode);
        Assert.Contains("label of the model, got 'fine'", Run("compress", model, "--csv", Sensors("temp", "fine")).Error,
            StringComparison.Ordinal);
        Assert.Equal(0, Run("compress", model, "--csv", Sensors("temp", "good", 5), "--out", _folder).ExitCode);     // resampled
    }

    /// <summary>The card names nobody: it has hashes.</summary>
    [Fact]
    public async Task Who_the_model_never_saw_judges_it()
    {
        var (rows, model) = (Sensors("temp", "good"), Path.Join(_folder, "fit/model.safetensors"));
        await ToolRun.ResultAsync("fit", "--csv", rows, "--label", "state", "--unseen", "m2,m3", "--alone", "--model", "linear", "--out",
            Path.Join(_folder, "fit"));

        Assert.Equal((true, "m2 m3"), Judges(rows, model));
        Assert.Equal((false, "m1 m3"), Judges(rows, model, "--unseen", "m1,m3"));
        Assert.Equal((false, "m6"), Judges(Of("^(machine|m[1456])"), model));
        Assert.Equal((true, "m3"), Judges(Of("^(machine|m[34])"), model));
        Assert.Equal((true, "m3"), Judges(Of("^(machine|m[23])"), model));
        Assert.Equal((false, "m4"), Judges(Of("^(machine|m4)"), model));
        Assert.Equal((null, "device"), Judges(rows, model, "--device", "none"));
        Assert.Equal((null, "machines"), Judges(rows, model, "--device", "file"));
        Assert.Contains("from whom the model did not learn: of the 4 that it learned from, 4 are in these rows",
            Run("compress", model, "--csv", rows).Output, StringComparison.Ordinal);
        Assert.Contains("the model learned from all of these, so the figure says nothing about others",
            Run("compress", model, "--csv", rows, "--unseen", "m1,m4").Output, StringComparison.Ordinal);
        Assert.Equal(2, Run("compress", model, "--csv", rows, "--unseen", "m9").ExitCode);
        Assert.Equal(2, Run("compress", model, "--csv", rows, "--device", "temp").ExitCode);

        var loaded = ModelFile.Load(model);
        Assert.DoesNotContain(loaded.Card.Provenance.Where(static p => p.Key != "trained-on"), static p => p.Value.Contains("m1"));
        Save(loaded.Card.Provenance.Remove("learned-devices"));
        Assert.Equal((null, "m5"), Judges(rows, model));
        Save(loaded.Card.Provenance.SetItem("learned-device-column", "file"));
        Assert.Equal((null, "machines"), Judges(rows, model));

        void Save(ImmutableSortedDictionary<string, string> said) =>
            ModelFile.Save(model, loaded.Model, loaded.Weights, loaded.Card with { Provenance = said });

        string Of(string lines)
        {
            var path = Path.Join(_folder, "some.csv");
            File.WriteAllLines(path, File.ReadLines(rows).Where(line => Regex.IsMatch(line, lines)));
            return path;
        }

        (bool? AreUnseen, string Devices) Judges(string csv, string model, params string[] more)
        {
            var (exitCode, output, error) = Run(["compress", model, "--csv", csv, "--out", _folder, "--json", .. more]);
            Assert.True(exitCode == 0, error);
            using var json = JsonDocument.Parse(output);
            var unseen = json.RootElement.GetProperty("unseen");
            return (unseen.ValueKind == JsonValueKind.Null ? null : unseen.GetBoolean(),
                string.Join(' ', json.RootElement.GetProperty("devices").EnumerateArray()));
        }
    }

    /// <summary>A value that is worn from 100 to 0, and the same 20 s later.</summary>
    [Theory]
    [MemberData(nameof(Ahead))]
    public async Task A_model_of_a_value_is_compared_by_its_error(string ahead)
    {
        var (rows, random) = (Path.Join(_folder, "wear.csv"), new RandomStream(7, "wear"));
        await File.WriteAllLinesAsync(rows, ["machine,time,vib,life [h]",
            .. from machine in Enumerable.Range(1, 5)
               from row in Enumerable.Range(0, 2000)
               let worn = row / 2000.0
               select FormattableString.Invariant(
                   $"m{machine},{row / 10.0:0.0},{(1 + (2 * worn)) * random.NextGaussian():0.000},{100 * (1 - worn):0.00}")],
            TestContext.Current.CancellationToken);
        string[] later = ahead.Length == 0 ? [] : ["--ahead", ahead];
        var fit = await ToolRun.ResultAsync(["fit", "--csv", rows, "--target", "life", "--alone", "--model", "features", "--out",
            Path.Join(_folder, "fit"), .. later]);

        var (exitCode, output, error) = Run(
            "compress", Path.Join(_folder, "fit/model.safetensors"), "--csv", rows, "--out", _folder, "--json");

        Assert.True(exitCode == 0, error);
        using var json = JsonDocument.Parse(output);
        var errors = json.RootElement.GetProperty("forms").EnumerateArray().Where(static f => f.TryGetProperty("meanError", out _))
            .ToDictionary(static f => f.GetProperty("name").GetString()!, static f => f.GetProperty("meanError").GetDouble());
        Assert.Equal(fit.GetProperty("mean_absolute_error").GetDouble(), errors["float32"], 0.01);
        foreach (var form in new[] { "int8", "int8, trained on", "pruned 90 %", "half the units", "codebook", "distilled" })
        {
            Assert.InRange(errors[form], 0, 1.5 * errors["float32"]);
        }
    }

    [Fact]
    public void A_scale_adds_no_byte_to_an_update()
    {
        var network = new Network(new(8), 3, [new Scale()], [new(0, new Dense(3))], seed: 1);
        Slice[] scale = [.. network.Plan.Slices.Where(static s => s.Kind != SliceKind.Trained)];
        Assert.NotEmpty(scale);
        Assert.Equal(Bytes(0), Bytes(5));

        long Bytes(float moment)
        {
            var values = network.Initial.Values.ToArray();
            foreach (var slice in scale)
            {
                foreach (ref var value in slice.Of(values.AsSpan())) { value += moment; }
            }

            return CompressResult.UpdateBytes(
                TensorCodes.TryParse("sign"), new(network, network.Initial with { Values = [.. values] }, ModelCard.Empty));
        }
    }

    [Fact]
    public void Rows_of_another_model_of_a_value_have_it_in_a_column()
    {
        var network = new Network(new(8), 1, [new Dense(4), new Relu()], [new(1, new Dense(1))], seed: 1, objective: new SquaredError());
        var path = Path.Join(_folder, "value.safetensors");
        ModelFile.Save(path, network, network.Initial);

        var (exitCode, output, error) = Run("compress", path, "--csv", Csv(), "--label", "state", "--out", _folder);

        Assert.True(exitCode == 0, error);
        Assert.StartsWith("form                     bytes  of float32 mean error ", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "there is no file", "compress", "none.safetensors", "--csv", "{csv}")]
    [InlineData(65, "expected one file", "compress", "mlp:8-4-3", "--csv", "*.csv")]
    [InlineData(2, "expected --csv FILE", "compress", "mlp:8-4-3")]
    [InlineData(2, "expected the path of a file", "compress", "mlp:8-4-3", "--csv", "none.csv")]
    [InlineData(2, "--unseen: expected --csv", "compress", "--unseen", "p1")]
    [InlineData(2, "--device: leave it out", "compress", "mlp:8-4-3", "--csv", "{csv}", "--device", "a")]
    [InlineData(2, "expected the model", "compress", "--csv", "{csv}")]
    [InlineData(65, "expected a column 'label'", "compress", "mlp:8-4-3", "--csv", "{csv}")]
    [InlineData(65, "expected 9 columns, got", "compress", "mlp:9-4-3", "--csv", "{csv}", "--label", "state")]
    [InlineData(73, "", "compress", "mlp:8-4-3", "--csv", "{csv}", "--label", "state", "--out", "{csv}")]
    public void What_is_wrong_is_told_and_has_an_exit_code(int expected, string message, params string[] arguments)
    {
        var csv = Csv();

        var (exitCode, _, error) = Run([.. arguments.Select(a => a.Replace("{csv}", csv, StringComparison.Ordinal))]);

        Assert.Equal(expected, exitCode);
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    private string Model()
    {
        var network = ReferenceModels.Mlp(8, [64, 64], 3, seed: 1);
        var (values, memory, optimizer) = (network.Initial.Values.ToArray(), new Workspace(), new Adam(0.01f));
        var (state, gradients) = (new float[optimizer.StateValues * values.Length], new float[values.Length]);
        var (features, labels) = Made();
        for (var step = 1; step <= 60; step++)
        {
            ((IModel)network).Step(values, new(features, labels), optimizer, state, step, gradients, memory);
        }

        var path = Path.Join(_folder, "model.safetensors");
        ModelFile.Save(path, network, network.Initial with { Values = [.. values] });
        return path;
    }

    private string Csv()
    {
        var (features, labels) = Made();
        var path = Path.Join(_folder, "rows.csv");
        File.WriteAllLines(path, [
            "a,b,c,d,state,e,f,g,h",
            .. Enumerable.Range(0, Rows).Select(r =>
            {
                var row = features.Skip(8 * r).Take(8).Select(static v => FormattableString.Invariant($"{v:R}")).ToList();
                row.Insert(4, $"{labels[r]}");
                return string.Join(',', row);
            })]);
        return path;
    }

    /// <summary>Rows of six machines, which by turns are warm.</summary>
    private string Sensors(string channel, string fit, double rate = 10)
    {
        var random = new RandomStream(5, "machines");
        var path = Path.Join(_folder, "machines.csv");
        File.WriteAllLines(path, [
            $"machine,time,{channel},vib,state",
            .. from machine in Enumerable.Range(1, 6)
               from row in Enumerable.Range(0, 400)
               let isWorn = row / 80 % 2 == 1
               select FormattableString.Invariant($"m{machine},{row / rate:0.0},{random.NextGaussian() + (isWorn ? 23 : 20):0.000},")
                   + FormattableString.Invariant($"{random.NextGaussian():0.000},{(isWorn ? "worn" : fit)}")]);
        return path;
    }

    private static (float[] Features, int[] Labels) Made()
    {
        var random = new RandomStream(3, "compress");
        int[] labels = [.. Enumerable.Range(0, Rows).Select(_ => random.NextInt32(3))];
        return ([.. Enumerable.Range(0, 8 * Rows).Select(i => (float)random.NextGaussian() + (i % 8 == labels[i / 8] ? 3 : 0))], labels);
    }
}
