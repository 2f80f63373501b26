using StreamLearn.Testing;

namespace StreamLearn.Compression.Tests;

/// <summary>Files of models that answer with integers.</summary>
public sealed class Int8FileTests
{
    [Theory, MemberData(nameof(Int8Tests.Networks), MemberType = typeof(Int8Tests))]
    public void A_file_gives_the_same_answers_and_the_same_file(string name)
    {
        var (model, rows, count) = Int8Tests.Made(name);
        var small = model.Quantize(new Sample(rows, count));
        var file = ModelFile.Save(small.Model, small.Weights, small.Card);
        var loaded = ModelFile.Load(file);
        Assert.IsType<Int8Network>(loaded.Model);
        Assert.Equal(small.Weights.Values, loaded.Weights.Values);
        Assert.Equal(Int8Tests.Answers(small.Model, small, rows, count), Int8Tests.Answers(loaded.Model, loaded, rows, count));
        Assert.Equal(file, ModelFile.Save(loaded.Model, loaded.Weights, loaded.Card));
    }

    [Fact]
    public void Weights_that_were_trained_on_are_kept_as_their_numbers_stand_for_them()
    {
        var (model, rows, count) = Int8Tests.Made("conv1d");
        var small = model.Quantize(new Sample(rows, count));
        var random = new RandomStream(1, "moved");
        var moved = small with
        {
            Weights = small.Weights with { Values = [.. small.Weights.Values.Select(v => v * (float)random.NextDouble(0.9, 1.1))] },
        };
        var loaded = ModelFile.Load(ModelFile.Save(moved.Model, moved.Weights));
        Assert.Equal(Int8Tests.Answers(moved.Model, moved, rows, count), Int8Tests.Answers(loaded.Model, loaded, rows, count));
        Assert.Equal(loaded.Weights.Values, ((Int8Network)loaded.Model).Kept(loaded.Weights.Values.AsSpan()));
    }

    [Fact]
    public void A_damaged_file_ends_in_one_error()
    {
        var mutations = LongForm.IsAsked ? 5_000 : 300;
        var (model, rows, count) = Int8Tests.Made("conv2d");
        var small = model.Quantize(new Sample(rows, count));
        var file = ModelFile.Save(small.Model, small.Weights, small.Card);
        var random = new RandomStream(7, "damage");
        for (var i = 0; i < mutations; i++)
        {
            var damaged = Damaged(file, random, i);
            if (damaged.AsSpan().SequenceEqual(file)) { continue; }
            Assert.Throws<ModelFormatException>(() => ModelFile.Load(damaged));
        }
    }

    /// <summary>A file with other bytes, cut or longer; of every other the header's hash is right again, so that its texts are
    /// read.</summary>
    private static byte[] Damaged(byte[] file, RandomStream random, int number)
    {
        byte[] damaged = (number % 8) switch
        {
            0 => file[..random.NextInt32(file.Length)],
            1 => [.. file, (byte)random.NextInt32(256)],
            _ => [.. file],
        };
        if (damaged.Length == file.Length)
        {
            var header = 8 + (int)BitConverter.ToInt64(file);
            for (var flips = 1 + random.NextInt32(3); flips > 0; flips--)
            {
                damaged[number % 2 == 0 ? random.NextInt32(file.Length) : 8 + random.NextInt32(header - 8)] = (byte)random.NextInt32(256);
            }
            if (number % 2 == 1) { Rehash(damaged, header); }
        }

        return damaged;
    }

    private static void Rehash(byte[] file, int end)
    {
        var header = file.AsSpan(8, end - 8);
        var at = header.IndexOf("\"header-sha256\":\""u8);
        if (at < 0 || at + 80 > header.Length) { return; }
        var digits = header.Slice(at + 17, 64);
        digits.Fill((byte)'0');
        System.Text.Encoding.ASCII.GetBytes(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(header)), digits);
    }
}
