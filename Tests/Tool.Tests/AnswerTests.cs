using StreamLearn.Models;

namespace Tool.Tests;

public sealed class AnswerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tool-tests-").FullName;

    private static LinearModel Sum => new(2, new BinaryCrossEntropy(),
        columns: [Field.Channel("x", Unit.One), Field.Channel("y", Unit.One)]);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Columns_are_found_by_name_and_answers_have_labels()
    {
        var model = Saved(Sum, [1, 1, 0], "still, slow", "moving");

        var (exitCode, output, error) = Run(model, "time, y, x\n1,1,2\n\n2,-3,0.5\n3,-1,1\n");

        Assert.Equal((0, ""), (exitCode, error));
        Assert.Equal(["answer", "moving", "\"still, slow\"", "\"still, slow\""], output);
    }

    [Fact]
    public void Scores_stand_behind_the_answer()
    {
        var model = Saved(new KMeans(2, 3), [0, 0, 1, 0, 4, 4]);

        var (_, output, _) = Run(model, "a,b\n1,0\n4,3\n0.5,0\n", "--scores");

        Assert.Equal(["answer,output-0,output-1,output-2", "1,-0.5,-0,-12.5", "2,-12.5,-9,-0.5", "0,-0.125,-0.125,-14.125"], output);
        Assert.Equal(["answer", "1", "2", "0"], Run(model, "a,b\n1,0\n4,3\n0.5,0\n").Output);
    }

    [Fact]
    public void Labels_name_the_scores() => Assert.Equal("answer,left,right",
        Run(Saved(new KMeans(1, 2), [0, 1], "left", "right"), "a\n0\n", "--scores").Output[0]);

    [Fact]
    public void A_model_of_values_answers_its_outputs()
    {
        var model = Saved(new LinearModel(2, new SquaredError(), bias: false), [2, -0.5f]);

        Assert.Equal(["output-0", "1.5", "0"], Run(model, "a,b\n1,1\n0,0\n").Output);
    }

    [Fact]
    public void A_window_is_as_many_lines_as_it_has_samples()
    {
        var network = new Network(new(2, 3), 2, [new Flatten()], [new(0, new Dense(2))], 5);
        var expected = new float[4];
        network.Infer(network.Initial.Values.AsSpan(), new([1, 2, 3, 10, 20, 30, 4, 5, 6, 40, 50, 60], 2), expected, new());

        var (exitCode, output, error) = Run(Saved(network, [.. network.Initial.Values]),
            "a,b\n1,10\n2,20\n3,30\n4,40\n5,50\n6,60\n7,70\n8,80\n", "--scores");

        Assert.Equal(0, exitCode);
        Assert.EndsWith("rows.csv: the last 2 lines are not a whole row, which has 3 lines\n", error, StringComparison.Ordinal);
        Assert.Equal(3, output.Length);
        for (var r = 0; r < 2; r++)
        {
            Assert.Equal(
                expected[(2 * r)..((2 * r) + 2)],
                output[r + 1].Split(',')[1..].Select(s => float.Parse(s, CultureInfo.InvariantCulture)));
            Assert.Equal(expected[2 * r] >= expected[(2 * r) + 1] ? "0" : "1", output[r + 1].Split(',')[0]);
        }
    }

    [Fact]
    public void A_row_that_overflows_on_its_way_has_an_empty_line_for_an_answer()
    {
        var network = ReferenceModels.Softmax(1, 2);
        var (exitCode, output, error) = Run(Saved(network, [1e5f, -1e5f, 0, 0]), "a\n3\n1e38\n-3\n", "--scores");

        Assert.Equal((0, ""), (exitCode, output[2]));
        Assert.DoesNotContain(output, static line => line.Contains("NaN", StringComparison.Ordinal));
        Assert.Equal(("0", "1"), (output[1].Split(',')[0], output[3].Split(',')[0]));
        Assert.EndsWith("1 rows have no answer, but an empty line: their values are too large\n", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_row_is_answered_before_the_next_has_come()
    {
        var (model, output) = (Saved(new LinearModel(1, new SquaredError(), bias: false), [3]), new StringWriter());
        var input = new Lines(["a", "1", "2"], () => output.ToString());

        Assert.Equal(0, CommandLine.Run(["answer", model, "--rows", "-"], input, output, TextWriter.Null));

        Assert.Equal(["", "output-0\n", "output-0\n3\n", "output-0\n3\n6\n"], input.Seen);
    }

    [Fact]
    public void A_reference_model_answers_with_its_initial_values()
    {
        var network = ReferenceModels.Softmax(1, 2);
        var expected = new float[2];
        network.Infer(network.Initial.Values.AsSpan(), new([3f], 1), expected, new());

        Assert.Equal(
            $"{(expected[1] > expected[0] ? 1 : 0)},{expected[0]},{expected[1]}",
            Run("softmax:1-2", "a\n3\n", "--scores").Output[1]);
    }

    [Theory]
    [InlineData("", "expected a line of column names, got none")]
    [InlineData("x,z\n1,2\n", "line 1: expected a column 'y', got x, z")]
    [InlineData("x,y\n1,2\n3\n", "line 3: expected 2 numbers, got 1")]
    [InlineData("x,y\n1,2,3\n", "line 2: expected 2 numbers, got 3")]
    [InlineData("x,y\n\n1,two\n", "line 3: expected a finite number as 'y', got 'two'")]
    [InlineData("x,y\n1,NaN\n", "line 2: expected a finite number as 'y', got 'NaN'")]
    [InlineData("x,y\n1,\n", "line 2: expected a finite number as 'y', got ''")]
    [InlineData("x,y\n1e99,0\n", "line 2: expected a finite number as 'x', got '1e99'")]
    public void Rows_that_are_none_are_refused_with_their_line(string rows, string sentence)
    {
        var (exitCode, _, error) = Run(Saved(Sum, [1, 1, 0]), rows);

        Assert.Equal(1, exitCode);
        Assert.StartsWith("streamlearn: ", error, StringComparison.Ordinal);
        Assert.EndsWith($"rows.csv: {sentence}\n", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_without_names_takes_all_columns_and_no_other_number() => Assert.EndsWith(
        "line 1: expected 1 columns, got 2\n",
            Run(Saved(new LinearModel(1, new SquaredError(), bias: false), [1]), "a,b\n1,2\n").Error, StringComparison.Ordinal);

    [Fact]
    public void A_damaged_model_is_refused()
    {
        var model = Saved(Sum, [1, 1, 0]);
        File.WriteAllBytes(model, [.. File.ReadAllBytes(model), 0]);

        var (exitCode, output, error) = Run(model, "x,y\n1,2\n");

        Assert.Equal((1, ""), (exitCode, string.Concat(output)));
        Assert.StartsWith($"streamlearn: {model}: model file: ", error, StringComparison.Ordinal);
    }

    private string Saved(IModel model, float[] values, params string[] labels)
    {
        var path = Path.Join(_folder, "model.safetensors");
        File.WriteAllBytes(path, ModelFile.Save(model, model.Initial with { Values = [.. values] }, new() { Labels = [.. labels] }));
        return path;
    }

    private (int ExitCode, string[] Output, string Error) Run(string model, string rows, params string[] more)
    {
        var (path, output, error) = (Path.Join(_folder, "rows.csv"), new StringWriter(), new StringWriter());
        File.WriteAllText(path, rows);
        var exitCode = CommandLine.Run(["answer", model, "--rows", path, .. more], TextReader.Null, output, error);
        return (exitCode, output.ToString().TrimEnd('\n').Split('\n'), error.ToString());
    }

    private sealed class Lines(string[] lines, Func<string> look) : TextReader
    {
        internal List<string> Seen { get; } = [];

        public override string? ReadLine()
        {
            Seen.Add(look());
            return Seen.Count <= lines.Length ? lines[Seen.Count - 1] : null;
        }
    }
}
