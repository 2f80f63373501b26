using System.Text;
using System.Text.Json;

namespace StreamLearn.Models.Tests;

/// <summary>Plain safetensors files of PyTorch, which <c>Torch/tensors.py</c> wrote and answered.</summary>
public sealed class TensorFileTests
{
    private static readonly Network Given = Of(new Conv1d(6, 5, 1, 2), new Conv1d(6, 3));

    [Theory, InlineData("F32"), InlineData("F16"), InlineData("BF16")]
    public void A_network_with_values_of_PyTorch_answers_as_PyTorch_does(string type)
    {
        using var golden = JsonDocument.Parse(File.ReadAllBytes(Place("tensors.json")));
        var (x, expected) = (Numbers(golden, "x"), Numbers(golden, type));
        var got = new float[expected.Length];
        var weights = Given.LoadTensors(Place($"tensors-{type}.safetensors"));
        Given.Infer(weights.Values.AsSpan(), new Sample(x, x.Length / Given.Plan.Input.Size), got, new());
        for (var i = 0; i < got.Length; i++) { Assert.Equal(expected[i], got[i], 1e-5f); }
    }

    /// <summary>The two convolutions of the same shapes change places: other values, and other answers.</summary>
    [Fact]
    public void Names_say_which_module_a_layer_takes()
    {
        var plain = Given.LoadTensors(Place("tensors-F32.safetensors"));
        var same = Given.LoadTensors(Place("tensors-F32.safetensors"), new Dictionary<string, string>
        {
            ["4.conv1d"] = "conv2",
            ["6.conv1d.bias"] = "conv3.bias",
            ["6.conv1d.weight"] = "conv3.weight",
        });
        var other = Given.LoadTensors(
            Place("tensors-F32.safetensors"), new Dictionary<string, string> { ["4.conv1d"] = "conv3", ["6.conv1d"] = "conv2" });

        Slice Find(string name) => Given.Plan.Find(name)!;
        Assert.Equal(plain.Sha256(), same.Sha256());
        Assert.NotEqual(plain.Sha256(), other.Sha256());
        Assert.Equal(Find("4.conv1d.weight").Of(plain.Values.AsSpan()), Find("6.conv1d.weight").Of(other.Values.AsSpan()));
        Assert.Throws<ArgumentException>(() => Given.LoadTensors([], new Dictionary<string, string> { ["7.conv1d"] = "conv3" }));
    }

    [Fact]
    public void What_is_missing_left_over_or_of_another_shape_is_listed()
    {
        var file = Place("tensors-F32.safetensors");
        var problem = Assert.Throws<ModelFormatException>(() => Of(new Conv1d(6, 5, 1, 2), new Conv1d(6, 3), 5).LoadTensors(file)).Message;
        Assert.Contains("missing: exit0.dense.weight [5, 12]", problem, StringComparison.Ordinal);
        Assert.Contains("left over: fc.bias [4], fc.weight [4, 12]", problem, StringComparison.Ordinal);
        var named = Assert.Throws<ModelFormatException>(
            () => Given.LoadTensors(file, new Dictionary<string, string> { ["0.conv1d"] = "conv2", ["4.conv1d"] = "nothing" })).Message;
        Assert.Contains("of another shape: 0.conv1d.weight [6, 3, 5], got conv2.weight [6, 6, 3]", named, StringComparison.Ordinal);
        Assert.Contains("missing: 4.conv1d.weight [6, 6, 3] as nothing.weight", named, StringComparison.Ordinal);
    }

    [Fact]
    public void Modules_of_the_same_shapes_are_told_apart_by_numbers_or_not_at_all()
    {
        var network = new Network(new(3), 3, [new Dense(3), new Dense(3)], [new(1, new Dense(3))]);
        (string, float)[] Tensors(params string[] names) => [.. names.Select((n, i) => ($"{n}.weight", (float)i))];
        var ordered = network.LoadTensors(FileOf([3, 3], Tensors("l.10", "l.2", "l.9")));
        Assert.Equal([1, 2, 0], network.Plan.Slices.Where(static s => s.Length == 9).Select(s => ordered.Values[s.Offset]));
        Assert.All(network.Plan.Slices.Where(static s => s.Length == 3), s => Assert.Equal(0, ordered.Values[s.Offset]));
        var problem = Assert.Throws<ModelFormatException>(() => network.LoadTensors(FileOf([3, 3], Tensors("first", "second", "third"))));
        Assert.Contains("more than one way to fill 0.dense, 1.dense, exit0.dense from first, second, third", problem.Message,
            StringComparison.Ordinal);
        Assert.Throws<ModelFormatException>(() => network.LoadTensors(FileOf([3, 3], Tensors("l.1", "l.2", "l.3", "l.4"))));
        Assert.Throws<ModelFormatException>(() => network.LoadTensors(FileOf([3, 3], Tensors("l.1", "l.2"))));
    }

    [Fact]
    public void Layers_inside_of_others_take_theirs_and_a_scale_none()
    {
        var network = new Network(new(3), 2, [new Scale(), new Residual(new Dense(4), new Relu(), new Dense(3))],
            [new(1, new Sequential(new BatchNorm(), new Dense(2)))]);
        var bytes = FileOf(("a.weight", [4, 3], 1), ("b.weight", [3, 4], 2), ("c.running_mean", [3], 3), ("c.running_var", [3], 4),
            ("d.weight", [2, 3], 5));
        var weights = network.LoadTensors(bytes);

        float Of(string slice) => weights.Values[network.Plan.Find(slice)!.Offset];
        Assert.Equal([0, 1, 1, 2, 0, 1, 0, 3, 4, 5],
            new[]
            {
                "scale.mean", "scale.inverse", "1.0.dense.weight", "1.2.dense.weight", "1.2.dense.bias", "exit0.0.batch-norm.gain",
                "exit0.0.batch-norm.bias", "exit0.0.batch-norm.mean", "exit0.0.batch-norm.variance", "exit0.1.dense.weight",
            }.Select(Of));
    }

    [Fact]
    public void A_file_of_this_library_is_left_to_ModelFile() => Assert.Contains("ModelFile.Load",
        Assert.Throws<ModelFormatException>(() => Given.LoadTensors(ModelFile.Save(Given, Given.Initial))).Message,
        StringComparison.Ordinal);

    [Fact]
    public void A_file_cut_or_changed_anywhere_is_read_or_refused_with_one_exception()
    {
        var bytes = File.ReadAllBytes(Place("tensors-F16.safetensors"));
        Assert.All(Enumerable.Range(0, bytes.Length), length => Assert.False(Reads(bytes[..length])));
        for (var at = 0; at < bytes.Length; at++)
        {
            var old = bytes[at];
            foreach (var other in (ReadOnlySpan<byte>)[0, 0xFF, (byte)(old ^ 1), (byte)(old ^ 0x10)])
            {
                bytes[at] = other;
                Reads(bytes);
            }
            bytes[at] = old;
        }
    }

    private static bool Reads(byte[] bytes)
    {
        try
        {
            Assert.All(Given.LoadTensors(bytes).Values, static v => Assert.True(float.IsFinite(v)));
            return true;
        }
        catch (ModelFormatException)
        {
            return false;
        }
    }

    private static Network Of(Layer first, Layer second, int classes = 4) => new(new(3, 16), classes,
        [first, new BatchNorm(), new Relu(), new MaxPool1d(2), second, new Relu(), new Conv1d(6, 3), new Relu(), new DepthwiseConv1d(3),
            new LayerNorm(), new Flatten()],
        [new(10, new Dense(classes))]);

    private static string Place(string file) => Path.Combine(AppContext.BaseDirectory, "Torch", file);

    private static float[] Numbers(JsonDocument golden, string name) =>
        [.. golden.RootElement.GetProperty(name).EnumerateArray().Select(static v => v.GetSingle())];

    private static byte[] FileOf(long[] shape, params (string Name, float Value)[] tensors) =>
        FileOf([.. tensors.Select(t => (t.Name, shape, t.Value))]);

    private static byte[] FileOf(params (string Name, long[] Shape, float Value)[] tensors)
    {
        var (header, data) = (new List<string>(), new List<byte>());
        foreach (var (name, shape, value) in tensors)
        {
            var count = (int)shape.Aggregate(static (a, b) => a * b);
            var offsets = $"{data.Count},{data.Count + (4 * count)}";
            header.Add($"\"{name}\":{{\"dtype\":\"F32\",\"shape\":[{string.Join(",", shape)}],\"data_offsets\":[{offsets}]}}");
            for (var i = 0; i < count; i++) { data.AddRange(BitConverter.GetBytes(value)); }
        }
        var text = Encoding.UTF8.GetBytes($"{{{string.Join(",", header)}}}");
        return [.. BitConverter.GetBytes((long)text.Length), .. text, .. data];
    }
}
