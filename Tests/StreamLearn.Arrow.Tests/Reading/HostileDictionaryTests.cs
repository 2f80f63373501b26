using static StreamLearn.Arrow.Tests.HostileMessages;

namespace StreamLearn.Arrow.Tests;

/// <summary>What dictionaries may not be, each rule by its own case.</summary>
public sealed class HostileDictionaryTests
{
    private static readonly ArrowField Inner = new("inner", new(ArrowKind.Utf8)) { Dictionary = new(8, ArrowKind.UInt16) };
    private static readonly ArrowField Outer =
        new("outer", new(ArrowKind.List)) { Children = [Inner], Dictionary = new(9, ArrowKind.Int8) };

    [Fact]
    public void Each_dictionary_that_is_wrong_is_refused_by_its_rule()
    {
        var (schema, batch) = (Schema(Texts(7)), Places(ArrowKind.Int8, 0));
        Assert.Equal("column 'x': expected dictionary 7 before the batch, got none", Refusal(null, schema, batch));
        Assert.Equal("expected a dictionary of the schema, got 6", Refusal(null, schema, Entries(6, false, "a"), batch));
        Assert.Equal("expected a dictionary of the schema, got -7", Refusal(null, schema, Entries(-7, false, "a"), batch));
        Assert.Equal("expected dictionary 7 before a delta of it, got none", Refusal(null, schema, Entries(7, true, "a"), batch));
        Assert.Equal("expected entries, got none", Refusal(null, schema, Message((int)Ipc.HeaderType.DictionaryBatch, static flat =>
        {
            flat.Begin();
            flat.Int64(0, 7);
            return flat.End();
        })));
        Assert.Equal(
            "expected 1 arrays of 3 buffers, got 1 of 4",
            Refusal(null, schema, Dictionary(7, false, 0, [(0, 0)], [(0, 0), (0, 0), (0, 0), (0, 0)])));
        Assert.Equal(["'a'"], Rows(null, schema, Entries(7, false, "a"), batch));
        Assert.Equal(["'a'"], Rows(null, schema, Entries(7, false, "b"), Entries(7, false, "a"), batch));
    }

    [Fact]
    public void Columns_that_share_a_dictionary_have_one_type()
    {
        Assert.Equal(
            "column 'y': expected the entries of 'x' in dictionary 7, got others",
            Refusal(null, Schema(Texts(7), Texts(7) with { Name = "y", Type = new(ArrowKind.Int32) })));
        Assert.Equal(
            "column 'outer': expected the entries of 'outer' in dictionary 8, got others",
            Refusal(null, Schema(Outer with { Children = [Outer with { Dictionary = new(8) }], Dictionary = new(8) })));
        Assert.Equal([], Rows(null, Schema(Texts(7), Texts(7, ArrowKind.UInt64) with { Name = "y", Nullable = false })));
    }

    [Theory, InlineData("Int8", 2), InlineData("Int8", -1), InlineData("Int8", -128), InlineData("UInt8", 2), InlineData("UInt8", 255)]
    [InlineData("Int16", 256), InlineData("Int16", -1), InlineData("UInt16", 65535), InlineData("Int32", 65536)]
    [InlineData("Int32", int.MinValue), InlineData("UInt32", uint.MaxValue), InlineData("Int64", 1L << 32)]
    [InlineData("Int64", long.MinValue), InlineData("UInt64", 2), InlineData("UInt64", -1)]
    public void Places_that_lead_out_of_a_dictionary_are_refused_wherever_they_stand(string of, long place)
    {
        var kind = Enum.Parse<ArrowKind>(of);
        var (schema, entries) = (Schema(Texts(7, kind)), Entries(7, false, "a", "b"));
        for (var at = 0; at < 70; at += 3)
        {
            var places = new long[70];
            places[at] = place;
            Assert.StartsWith(
                "column 'x': expected indexes below 2, the size of the dictionary, got ",
                Refusal(null, schema, entries, Places(kind, places)), StringComparison.Ordinal);
            places[at] = 1;
            Assert.Equal(70, Rows(null, schema, entries, Places(kind, places)).Count);
        }
    }

    /// <summary>As unsigned numbers, negative places are below 200 and 40,000 here.</summary>
    [Theory, InlineData("Int8", 200, -100)]
    [InlineData("Int16", 40_000, -30_000)]
    public void Negative_places_are_refused_in_large_dictionaries_too(string of, int count, int place)
    {
        var kind = Enum.Parse<ArrowKind>(of);
        var entries = Entries(7, false, [.. Enumerable.Range(0, count).Select(static i => "e")]);
        Assert.Equal(
            $"column 'x': expected indexes below {count}, the size of the dictionary, got {place} in value 1",
            Refusal(null, Schema(Texts(7, kind)), entries, Places(kind, 1, place)));
        Assert.Equal(["'e'"], Rows(null, Schema(Texts(7, kind)), entries, Places(kind, kind == ArrowKind.Int8 ? 127 : 32767)));
    }

    [Fact]
    public void Entries_are_as_many_as_the_limit_and_no_more()
    {
        var (schema, batch) = (Schema(Texts(7)), Places(ArrowKind.Int8, 2));
        var limits = new ArrowLimits { MaxDictionaryEntries = 3 };
        Assert.Equal(["'c'"], Rows(limits, schema, Entries(7, false, "a", "b", "c"), batch));
        Assert.Equal(["'c'"], Rows(limits, schema, Entries(7, false, "a"), Entries(7, true, "b", "c"), batch));
        Assert.Equal(
            "expected at most 3 entries of a dictionary, got more", Refusal(limits, schema, Entries(7, false, "a", "b", "c", "d")));
        Assert.Equal(
            "expected at most 3 entries of a dictionary, got more",
            Refusal(limits, schema, Entries(7, false, "a", "b"), Entries(7, true, "c", "d")));
    }

    [Fact]
    public void Bytes_of_dictionaries_are_as_many_as_the_limit_and_no_more()
    {
        var (schema, first, more) = (Schema(Texts(7), Texts(6)), Entries(7, false, "abcd"), Entries(7, true, "efgh"));
        const string Refused = "expected at most 23 bytes of dictionaries, got more";
        Assert.Equal([], Rows(new() { MaxDictionaryBytes = 24 }, schema, first, more));      // 12 bytes of texts and offsets each
        Assert.Equal(Refused, Refusal(new() { MaxDictionaryBytes = 23 }, schema, first, more));
        Assert.Equal(Refused, Refusal(new() { MaxDictionaryBytes = 23 }, schema, first, first));
        Assert.Equal(Refused, Refusal(new() { MaxDictionaryBytes = 23 }, schema, first, Entries(6, false, "abcd")));
    }

    /// <summary>4 MB at first, then a byte 20,000 times: copying all of it each time would take 80 GB.</summary>
    [Fact]
    public void A_large_dictionary_that_grows_a_little_is_not_copied_each_time()
    {
        var reader = new MessageReader();
        ReadOnlyMemory<byte> bytes = Joined(Schema(Texts(7, ArrowKind.Int32)), Entries(7, false, new string('a', 4 << 20)));
        Assert.Null(reader.Read(ref bytes));
        var more = Joined([.. Enumerable.Range(0, 1000).Select(static i => Entries(7, true, "b"))]);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 20; i++)
        {
            bytes = more;
            Assert.Null(reader.Read(ref bytes));
        }
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 50_000_000);
        bytes = Places(ArrowKind.Int32, 20_000, 1);
        Assert.Equal(["'b'", "'b'"], ArrowText.Rows(reader.Read(ref bytes)!));
    }

    [Fact]
    public void A_dictionary_that_grew_has_the_entries_of_one_that_came_whole()
    {
        var random = new RandomStream(3, "growth");
        var all = ArrowSamples.Of(200);
        foreach (var column in all.Columns.Where(static c => c.Dictionary is null && c.Field.Type.Kind != ArrowKind.Null))
        {
            ArrowArray? grown = null;
            for (var (at, count) = (0, 1 + random.NextInt32(9)); at < 200; (at, count) = (at + count, 1 + random.NextInt32(30)))
            {
                var before = grown;
                var texts = before is null ? [] : Texts(before);
                grown = ArrayGrowth.Join(grown, column.Slice(at, Math.Min(count, 200 - at)));
                Assert.Equal(texts, before is null ? [] : Texts(before));
            }
            Assert.Equal(Texts(column), Texts(grown!));
        }
    }

    private static List<string> Texts(ArrowArray array) => [.. Enumerable.Range(0, array.Length).Select(i => ArrowText.Of(array, i))];

    /// <summary>The entries of one have places in the other, which changes: they lead into what it has now, or must come again.</summary>
    [Fact]
    public void Entries_that_refer_to_another_dictionary_follow_it()
    {
        var (schema, lists, batch) = (Schema(Outer), Lists(0, 1), Batch(1, [(1, 0)], [(0, 0), (0, 1)], new byte[8]));
        var (two, other, one) = (Entries(8, false, "a", "b"), Entries(8, false, "c", "d"), Entries(8, false, "e"));
        Assert.Equal("column 'inner': expected dictionary 8 before the batch, got none", Refusal(null, schema, lists, batch));
        Assert.Equal(["['a', 'b']"], Rows(null, schema, two, lists, batch));
        Assert.Equal(["['c', 'd']"], Rows(null, schema, two, lists, other, batch));
        Assert.Equal("column 'outer': expected dictionary 9 before the batch, got none", Refusal(null, schema, two, lists, one, batch));
        Assert.Equal(["['e', 'e']"], Rows(null, schema, two, lists, one, Lists(0, 0), batch));
        Assert.StartsWith("column 'inner': expected indexes below 1, ", Refusal(null, schema, one, lists, batch), StringComparison.Ordinal);
    }

    /// <summary>50 dictionaries, each of which would keep another that is replaced, beyond all limits.</summary>
    [Fact]
    public void Entries_that_are_replaced_are_not_kept_by_others()
    {
        var columns = Enumerable.Range(0, 50).Select(static i => Outer with { Dictionary = new(100 + i, ArrowKind.Int8) }).ToArray();
        var messages = Enumerable.Range(0, 50).SelectMany(static i => (byte[][])[Entries(8, false, $"{i}"), Lists(0, 0, 100 + i)]);
        var (buffers, body) = Body([.. Enumerable.Repeat((byte[][])[[], [0]], 50).SelectMany(static b => b)]);
        ReadOnlyMemory<byte> bytes = Joined([Schema(columns), .. messages, Batch(1, [.. Enumerable.Repeat((1L, 0L), 50)], buffers, body)]);
        var batch = new MessageReader().Read(ref bytes)!;
        var entries = Assert.Single(batch.Columns.Select(static c => c.Dictionary!.Children[0].Dictionary).Distinct());
        Assert.Equal("'49'", ArrowText.Of(entries!, 0));
    }

    private static ArrowField Texts(long id, ArrowKind kind = ArrowKind.Int8) =>
        new("x", new(ArrowKind.Utf8)) { Dictionary = new(id, kind) };

    private static byte[] Entries(long id, bool isDelta, params string[] texts)
    {
        var ends = new List<int> { 0 };
        foreach (var text in texts) { ends.Add(ends[^1] + text.Length); }
        var (buffers, body) = Body([], [.. ends.SelectMany(BitConverter.GetBytes)], Encoding.ASCII.GetBytes(string.Concat(texts)));
        return Dictionary(id, isDelta, texts.Length, [(texts.Length, 0)], buffers, body);
    }

    /// <summary>A dictionary of one list of two places.</summary>
    private static byte[] Lists(ushort first, ushort second, long id = 9)
    {
        var (buffers, body) = Body(
            [], [.. BitConverter.GetBytes(0), .. BitConverter.GetBytes(2)], [],
            [.. BitConverter.GetBytes(first), .. BitConverter.GetBytes(second)]);
        return Dictionary(id, false, 1, [(1, 0), (2, 0)], buffers, body);
    }

    private static byte[] Places(ArrowKind kind, params long[] places)
    {
        var width = ArrowType.BytesOf(kind, 0);
        var (buffers, body) = Body([], [.. places.SelectMany(p => BitConverter.GetBytes(p)[..width])]);
        return Batch(places.Length, [(places.Length, 0)], buffers, body);
    }
}
