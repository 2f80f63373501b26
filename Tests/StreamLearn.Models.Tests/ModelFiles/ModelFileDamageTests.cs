using System.Text.RegularExpressions;

namespace StreamLearn.Models.Tests;

/// <summary>Files that are cut, flipped, or honestly hashed but wrong: each is refused with a sentence, none breaks the reader.</summary>
public sealed partial class ModelFileDamageTests
{
    [Fact]
    public void A_file_that_is_cut_anywhere_is_refused()
    {
        for (var length = 0; length < ModelFileCase.File.Length; length++)
        {
            var problem = Assert.Throws<ModelFormatException>(() => ModelFile.Load(ModelFileCase.File[..length]));
            Assert.Contains("cut short", problem.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_file_with_more_behind_it_is_refused() => Refused([.. ModelFileCase.File, 0], "got more");

    [Fact]
    public void A_flipped_bit_anywhere_is_found()
    {
        var file = (byte[])ModelFileCase.File.Clone();
        for (var bit = 0; bit < 8 * file.Length; bit++)
        {
            file[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Throws<ModelFormatException>(() => ModelFile.Load(file));
            file[bit / 8] ^= (byte)(1 << (bit % 8));
        }
        Assert.Equal(ModelFileCase.File, file);
    }

    [Fact]
    public void Any_byte_that_is_another_one_is_found()
    {
        var file = (byte[])ModelFileCase.File.Clone();
        var random = new RandomStream(3, "damage");
        for (var at = 0; at < file.Length; at++)
        {
            var right = file[at];
            file[at] += (byte)(1 + random.NextInt32(255));
            Assert.Throws<ModelFormatException>(() => ModelFile.Load(file));
            file[at] = right;
        }
    }

    [Fact]
    public void What_is_no_model_file_is_refused()
    {
        Refused([], "got 0");
        Refused(new byte[100], "not safetensors");
        Refused([.. BitConverter.GetBytes((1UL << 24) + 1), .. "{}"u8], "not safetensors");
        Refused([255, 255, 255, 255, 255, 255, 255, 255, .. "{}"u8], "not safetensors");
        Refused([2, 0, 0, 0, 0, 0, 0, 0, .. "{}"u8], "not written by StreamLearn");
        Refused(ModelFileCase.Forged("{\"__metadata__\"", " {\"__metadata__\""), "begins with {");
        Refused(ModelFileCase.Forged("{\"__metadata__\":{\"format\"", "{\"__metadata__\":{{\"format\""), "'{' is an invalid start");
    }

    [Theory]
    [InlineData("streamlearn/1", "streamlearn/2", "expected format streamlearn/1, got streamlearn/2")]
    [InlineData("\"format\":\"streamlearn/1\",", "", "metadata: expected 'format', got none")]
    [InlineData("\"version\":\"41\"", "\"version\":\"-1\"", "-1")]
    [InlineData("\"version\":\"41\"", "\"version\":41", "expected a string as 'version'")]
    [InlineData("\"version\":\"41\"", "\"version\":\"41\",\"more\":\"\"", "metadata: expected")]
    [InlineData("\"version\":\"41\"", "\"version\":\"41\",\"version\":\"41\"", "version")]
    [InlineData("\\\"layer\\\":\\\"relu\\\"", "\\\"layer\\\":\\\"gelu\\\"", "layer 2: unknown layer 'gelu'")]
    [InlineData("\\\"layer\\\":\\\"relu\\\"", "\\\"layer\\\":\\\"relu\\\",\\\"slope\\\":1", "layer 2: expected 1 settings, got 2")]
    [InlineData("\\\"layer\\\":\\\"relu\\\"", "\\\"layer\\\":7", "layer 2: expected a string as 'layer', got 7")]
    [InlineData("\\\"kernel\\\":3,", "", "layer 1: expected 'kernel', got none")]
    [InlineData("\\\"kernel\\\":3,", "\\\"kernel\\\":3.5,", "layer 1: expected a whole number as 'kernel', got 3.5")]
    [InlineData("\\\"kernel\\\":3,", "\\\"kernel\\\":30,", "layer 1 (conv1d 2 kernel 30")]
    [InlineData("\\\"kernel\\\":3,", "\\\"kernel\\\":2,", "expected")]
    [InlineData("\\\"stride\\\":1,", "\\\"stride\\\":0,", "layer 1")]
    [InlineData("\\\"stride\\\":1,", "\\\"stride\\\":2,", "expected")]
    [InlineData("\\\"outputs\\\":3", "\\\"outputs\\\":4", "expected outputs [3], got [4]")]
    [InlineData("\\\"outputs\\\":3", "\\\"outputs\\\":2147483647", "exit 0")]
    [InlineData("\\\"input\\\":[2,1,6]", "\\\"input\\\":[2,6]", "expected channels, height and width")]
    [InlineData("\\\"input\\\":[2,1,6]", "\\\"input\\\":[2,1,0]", "expected a shape of 1 to")]
    [InlineData("\\\"input\\\":[2,1,6]", "\\\"input\\\":[2,2,3]", "layer 1 (conv1d 2 kernel 3")]
    [InlineData("\\\"input\\\":[2,1,6]", "\\\"input\\\":7", "expected a list as 'input'")]
    [InlineData("\\\"after\\\":1", "\\\"after\\\":-1", "exit 0: expected a place")]
    [InlineData("\\\"loss-weight\\\":0.5", "\\\"loss-weight\\\":0.25", "expected schema hash")]
    [InlineData("\\\"loss-weight\\\":0.5", "\\\"loss-weight\\\":1e99", "expected a number as 'loss-weight'")]
    [InlineData("\\\"loss\\\":\\\"softmax", "\\\"loss\\\":\\\"hardmax", "objective: unknown loss 'hardmax-cross-entropy'")]
    [InlineData("\\\"label-smoothing\\\":0", "\\\"label-smoothing\\\":2", "label smoothing")]
    [InlineData("\\\"type\\\":\\\"float32\\\"", "\\\"type\\\":\\\"half\\\"", "unknown column type 'half'")]
    [InlineData("\\\"unit\\\":\\\"gn\\\"", "\\\"unit\\\":\\\"m/s2\\\"", "expected schema hash")]
    [InlineData("\"schema-hash\":\"", "\"schema-hash\":\"0", "16 hexadecimal digits")]
    [InlineData("\\\"nullable\\\":false", "\\\"nullable\\\":0", "expected true or false as 'nullable'")]
    [InlineData("\\\"walking\\\",", "", "expected 3 labels")]
    [InlineData("\\\"walking\\\"", "null", "labels: expected strings")]
    [InlineData("\\\"measure\\\":\\\"probability\\\"", "\\\"measure\\\":\\\"luck\\\"", "unknown measure 'luck'")]
    [InlineData("\\\"temperature\\\":1.5", "\\\"temperature\\\":0", "temperature")]
    [InlineData("[\\\"infinity\\\"]", "[0.1,0.2]", "expected an exit rule of 1 thresholds, got 2")]
    [InlineData("[\\\"infinity\\\"]", "[\\\"none\\\"]", "expected a number as 'thresholds'")]
    [InlineData("\\\"chosen\\\":0", "\\\"chosen\\\":1", "expected an exit plan for this network")]
    [InlineData("\\\"count\\\":17", "\\\"count\\\":-1", "count")]
    [InlineData("\\\"m2\\\":[1000000000,3]", "\\\"m2\\\":[3]", "M2")]
    [InlineData("\"graph\":\"{", "\"graph\":\"[", "")]
    [InlineData("\"graph\":\"{", "\"graph\":\"\\ud800{", "")]
    [InlineData("[\\\"infinity\\\"]", "[\\u2028\\u0000]", "")]
    [InlineData("\\\"relu", "\\\"re\u0001lu", "")]
    public void A_header_that_says_something_wrong_is_refused(string from, string to, string sentence) =>
        Refused(ModelFileCase.Forged(from, to), sentence);

    [Theory]
    [InlineData("\"dtype\":\"F32\",\"shape\":[6,2]", "\"dtype\":\"F16\",\"shape\":[6,2]",
        "tensor 1.conv1d.weight: expected dtype F32, got F16")]
    [InlineData("\"shape\":[6,2]", "\"shape\":[2,6]", "tensor 1.conv1d.weight: expected shape [6, 2], got [2, 6]")]
    [InlineData("\"shape\":[6,2]", "\"shape\":[12]", "tensor 1.conv1d.weight: expected shape [6, 2], got [12]")]
    [InlineData("\"data_offsets\":[16,64]", "\"data_offsets\":[16,60]", "tensor 1.conv1d.weight: expected 48 bytes")]
    [InlineData("\"data_offsets\":[16,64]", "\"data_offsets\":[12,60]",
        "tensors scale.inverse and 1.conv1d.weight overlap: bytes 8 to 16 and 12 to 60")]
    [InlineData("\"data_offsets\":[16,64]", "\"data_offsets\":[18,66]", "tensor 1.conv1d.weight: expected 48 bytes")]
    [InlineData("\"data_offsets\":[16,64]", "\"data_offsets\":[-48,0]", "tensor 1.conv1d.weight: expected 48 bytes")]
    [InlineData("\"data_offsets\":[16,64]", "\"data_offsets\":[999952,1000000]", "tensor 1.conv1d.weight: expected 48 bytes")]
    [InlineData("\"data_offsets\":[16,64]", "\"data_offsets\":[9223372036854775760,9223372036854775807]",
        "tensor 1.conv1d.weight: expected")]
    [InlineData("\"data_offsets\":[0,8]", "\"data_offsets\":[8,16]", "bytes 0 to 8 of the values belong to no tensor")]
    [InlineData("\"1.conv1d.weight\"", "\"2.conv1d.weight\"", "header: expected '1.conv1d.weight', got none")]
    [InlineData("\"scale.mean\":", "\"other\":{},\"scale.mean\":", "header: expected")]
    public void Tensors_that_are_not_those_of_the_graph_are_refused(string from, string to, string sentence) =>
        Refused(ModelFileCase.Forged(from, to), sentence);

    [Theory, InlineData(float.NaN), InlineData(float.NegativeInfinity)]
    public void Values_that_are_not_finite_are_refused(float bad)
    {
        var values = ModelFileCase.File[(8 + ModelFileCase.HeaderBytes(ModelFileCase.File))..];
        BitConverter.GetBytes(bad).CopyTo(values, 20);
        Refused(ModelFileCase.Forged(ModelFileCase.Header(ModelFileCase.File), values), "tensor 1.conv1d.weight: expected finite values");
    }

    [Fact]
    public void Tensors_may_lie_in_another_order()
    {
        var header = ModelFileCase.Header(ModelFileCase.File)
            .Replace("\"data_offsets\":[0,8]", "\"data_offsets\":[a]", StringComparison.Ordinal)
            .Replace("\"data_offsets\":[8,16]", "\"data_offsets\":[0,8]", StringComparison.Ordinal)
            .Replace("[a]", "[8,16]", StringComparison.Ordinal);
        var values = ModelFileCase.File[(8 + ModelFileCase.HeaderBytes(ModelFileCase.File))..];
        byte[] swapped = [.. values[8..16], .. values[..8], .. values[16..]];
        ModelFileCase.Same(ModelFileCase.Weights, ModelFile.Load(ModelFileCase.Forged(header, swapped)).Weights);
    }

    [Fact]
    public void A_length_alone_takes_no_memory()
    {
        var network = new Network(new(3), 2, [new Dense(5)], [new(0, new Dense(2))]);
        var header = ModelFileCase.Header(ModelFile.Save(network, network.Initial));
        var file = ModelFileCase.Forged(
            header.Replace("\\\"outputs\\\":5", "\\\"outputs\\\":40000000", StringComparison.Ordinal),
            new byte[100]);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Refused(file, "cut short");
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 4 << 20);
    }

    [Fact]
    public void A_longer_network_takes_memory_in_proportion()
    {
        var (some, many) = (BytesToLoad(500), BytesToLoad(4000));
        Assert.True(many < 10 * some, $"{some} bytes for 500 layers, {many} for 4000");
    }

    [Fact]
    public void More_layers_than_a_file_may_have_are_refused_when_they_are_written_and_when_they_are_read()
    {
        var network = Long(ModelFile.MaxLayers);
        Assert.Contains($"at most {ModelFile.MaxLayers} layers, got {ModelFile.MaxLayers + 1}",
            Assert.Throws<ArgumentException>(() => ModelFile.Save(network, network.Initial)).Message, StringComparison.Ordinal);
        var header = ModelFileCase.Header(ModelFile.Save(Long(2), Long(2).Initial));
        var more = string.Concat(Enumerable.Repeat("{\\\"layer\\\":\\\"tanh\\\"},", ModelFile.MaxLayers));
        Refused(ModelFileCase.Forged(header.Replace("\\\"layers\\\":[", "\\\"layers\\\":[" + more, StringComparison.Ordinal), new byte[24]),
            $"graph: expected at most {ModelFile.MaxLayers} layers, got {ModelFile.MaxLayers + 3}");
    }

    /// <summary>Headers in which numbers, texts and members were changed, with hashes that fit.</summary>
    [Theory, MemberData(nameof(Forgeable))]
    public void A_forged_header_loads_or_is_refused_in_little_memory(string name)
    {
        var file = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Golden", name));
        var (header, random) = (ModelFileCase.Header(file), new RandomStream(9, name));
        string[] texts = [.. Text().Matches(header).Select(static m => m.Value)];
        for (var i = 0; i < (LongForm.IsAsked ? 10_000 : 500); i++)
        {
            var forged = header;
            for (var changes = 1 + random.NextInt32(3); changes > 0; changes--) { forged = Changed(forged, texts, random); }
            var bytes = ModelFileCase.Forged(forged, file.AsSpan(8 + ModelFileCase.HeaderBytes(file)));
            var before = GC.GetAllocatedBytesForCurrentThread();
            var problem = Record.Exception(() => ModelFile.Load(bytes));
            Assert.True(problem is null or ModelFormatException, $"{problem}\n{forged}");
            var took = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(took < 64 << 20, $"{took} bytes: {forged}");
        }
    }

    public static TheoryData<string> Forgeable =>
        ["model-1.safetensors", "model-k-means-1.safetensors", "model-linear-1.safetensors", "model-softmax-regression-1.safetensors"];

    private static string Changed(string header, string[] texts, RandomStream random)
    {
        var kind = random.NextInt32(8);
        var places = (kind < 4 ? Number() : kind < 6 ? Text() : Member()).Matches(header);
        if (places.Count == 0) { return header; }
        var place = places[random.NextInt32(places.Count)];
        var put = kind switch
        {
            < 4 => Numbers[random.NextInt32(Numbers.Length)],
            < 6 => texts[random.NextInt32(texts.Length)],
            6 => "",
            _ => place.Value + place.Value,
        };
        return header[..place.Index] + put + header[(place.Index + place.Length)..];
    }

    private static readonly string[] Numbers =
    [
        "0", "1", "-1", "2", "3", "7", "64", "4096", "65536", "1048576", "16777216", "268435456", "2147483646", "2147483647", "4294967296",
        "9223372036854775807", "99999999999999999999", "0.5", "1e-30", "1e38", "1e300", "-0", "null", "[]", "{}", "true", "[1,2]",
    ];

    [GeneratedRegex("(?<![0-9a-z])-?[0-9]+(\\.[0-9]+)?(?![0-9a-z])")]
    private static partial Regex Number();

    [GeneratedRegex("[a-z][a-z0-9.-]+")]
    private static partial Regex Text();

    [GeneratedRegex("\\\\?\"[a-z0-9.-]+\\\\?\":[^,{}\\[\\]]+,")]
    private static partial Regex Member();

    private static long BytesToLoad(int layers)
    {
        var network = Long(layers);
        var file = ModelFile.Save(network, network.Initial);
        var before = GC.GetAllocatedBytesForCurrentThread();
        _ = ModelFile.Load(file);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static Network Long(int layers) => new(new(2), 2, [.. Enumerable.Repeat(new Tanh(), layers)], [new(layers - 1, new Dense(2))]);

    private static void Refused(byte[] file, string sentence)
    {
        var problem = Assert.Throws<ModelFormatException>(() => ModelFile.Load(file));
        Assert.StartsWith("model file: ", problem.Message, StringComparison.Ordinal);
        Assert.Contains(sentence, problem.Message, StringComparison.Ordinal);
    }
}
