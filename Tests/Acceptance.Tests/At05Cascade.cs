using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using StreamLearn.Operators;

namespace Acceptance.Tests;

/// <summary>Section 5: cascades of tiers.</summary>
public sealed class At05Cascade(ITestOutputHelper output)
{
    /// <summary>A device's classifier and a cloud's, calibrated. Random escalation is computed by itself: of a share of items, any, the
    /// cloud's answers, of the others the device's, on average.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void AT_5g_Escalation_by_confidence_beats_random_escalation_by_2_points_at_20_percent(int seed)
    {
        const int Items = 2000;
        var digits = new CascadeDigits(seed);
        var (questions, labels) = digits.Unseen(Items, "unseen");
        var (device, cloud) = (Accuracy(digits.Device, questions, labels), Accuracy(digits.Cloud, questions, labels));
        foreach (var (target, least) in new[] { (0.1, 0.0), (0.2, 0.02), (0.4, 0.0) })
        {
            using var fleet = new CascadeFleet(questions, digits.Device, new() { TargetShare = target }, digits.Cloud).Run();
            var share = fleet.Asked / (double)Items;
            var accuracy = Correct(fleet.Given.Select(g => g.Answer), labels) / (double)Items;
            var random = device + (share * (cloud - device));
            output.WriteLine($"seed {seed}: {share:P1} asked, {accuracy:P1} right, {random:P1} at random; "
                + $"device {device:P1}, cloud {cloud:P1}");

            Assert.Equal(Enumerable.Range(0, Items).Select(i => (long)i), fleet.Given.Select(g => g.Answer.Key));
            Assert.Equal(target, share, 0.02);
            Assert.True(accuracy > random + least, $"{target:P0}: {accuracy:P1} after {random:P1}");
        }
    }

    /// <summary>The light fades at once, to half the contrast, and then it is brighter than ever. A threshold that stays asks another
    /// share.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void AT_5i_Under_drift_the_escalated_share_is_within_2_points_of_its_target_after_500_items(int seed)
    {
        const double Target = 0.2;
        const int Part = 1000;
        var digits = new CascadeDigits(seed);
        ImmutableArray<CascadeQuestion> questions = [.. new[] { 1, 0.5, 1.5 }
            .SelectMany((contrast, part) => digits.Unseen(Part, $"part {part}", contrast).Questions)
            .Select((question, i) => question with { Key = i })];
        CascadeOptions options = new() { TargetShare = Target, Threshold = 0.8 };

        var asked = Asked(digits, questions, options);
        var settled = Asked(digits, questions, options with { TargetShare = null, Threshold = 0.7 });
        foreach (var part in new[] { 1, 2 })
        {
            var share = asked[(part * Part)..((part * Part) + 500)].Average();
            var later = asked[((part * Part) + 500)..((part + 1) * Part)].Average();
            output.WriteLine($"seed {seed}, drift {part}: {share:P1} of the first 500 items, {later:P1} of the next; a threshold that "
                + $"stays {settled[(part * Part)..((part + 1) * Part)].Average():P1} after {settled[..Part].Average():P1}");

            Assert.Equal(Target, share, 0.02);
            Assert.Equal(Target, later, 0.02);
        }

        Assert.True(settled[Part..(2 * Part)].Average() > settled[(2 * Part)..].Average() + 0.1);
    }

    /// <summary>Columns, rows and a whole question are marked by values that are found in the bytes of whatever crosses a transport. A
    /// further device listens to all topics.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void AT_5h_What_is_marked_private_is_in_no_byte_that_crosses_a_transport(int seed)
    {
        using var world = new AuditedCascade(seed, siteCarries: PrivacyLabel.EdgeOnly);
        world.Run();
        var (onSite, beyond) = (world.Sent("site"), world.Sent("internet"));

        Assert.Equal(world.BytesUp, onSite.Concat(beyond).Sum(b => (long)b.Length));         // nothing else was sent
        Assert.InRange(beyond.Count, 60, 1000);
        Assert.All([AuditedCascade.Voice, AuditedCascade.Row, AuditedCascade.Heart, AuditedCascade.EdgeRow],
            marker => Assert.Equal(0, Found(beyond, marker)));
        Assert.All([AuditedCascade.Voice, AuditedCascade.Row], marker => Assert.Equal(0, Found(onSite, marker)));
        Assert.All([AuditedCascade.Heart, AuditedCascade.EdgeRow],                           // they may, and the search finds them
            marker => Assert.InRange(Found(onSite, marker), 20, 1000));
        Assert.InRange(Found(beyond, AuditedCascade.Public), 20, 1000);
        Assert.Equal(AuditedCascade.Batches, world.Refused);
        Assert.All(world.Letters, static l => Assert.Contains("column 'voice' that is DeviceOnly", l, StringComparison.Ordinal));
        Assert.Equal(AuditedCascade.Batches, world.Letters.Count);
        Assert.Equal(AuditedCascade.Batches * AuditedCascade.Rows, world.Answers);           // each item is answered all the same
        Assert.Equal(world.DeviceRows.Count, world.Outcomes[CascadeOutcome.Private]);
    }

    [Fact]
    public void AT_5h_A_private_column_that_would_cross_a_link_is_named_when_the_pipeline_is_defined()
    {
        using var world = new VirtualWorld();
        PublicationOptions onSite = new() { Carries = PrivacyLabel.EdgeOnly };
        var wrong = Assert.Throws<PipelineDefinitionException>(() => Pipeline.Define("pump-7", p => p
            .Input<Batch>("rows", AuditedCascade.Columns).DropNonFinite()
            .Publish(world.Transport("site"), "rows", new NoRows(), onSite)));

        Assert.Contains("'drop-non-finite' → 'publish rows' (site), got column 'voice' that is DeviceOnly",
            Assert.Single(wrong.Problems), StringComparison.Ordinal);
    }

    /// <summary>The same fleet over a link that is said to carry everything: the search finds what is private.</summary>
    [Fact]
    public void AT_5h_The_search_finds_what_is_sent_where_a_link_may_carry_it()
    {
        using var world = new AuditedCascade(0, siteCarries: PrivacyLabel.DeviceOnly);
        world.Run();

        Assert.InRange(Found(world.Sent("site"), AuditedCascade.Voice), 20, 1000);
        Assert.InRange(Found(world.Sent("site"), AuditedCascade.Row), 20, 1000);
        Assert.Equal(0, Found(world.Sent("internet"), AuditedCascade.Voice));                // the edge blanks it
        Assert.Equal(0, Found(world.Sent("internet"), AuditedCascade.Row));
    }

    /// <summary>The edge is sure of most of what the device is not, and the cloud of the rest; from 10 s to 15 s the device is cut off.
    /// </summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Three_tiers_answer_each_item_once_in_order_and_in_time_also_while_the_device_is_cut_off(int seed)
    {
        const int Items = 1500;
        var digits = new CascadeDigits(seed);
        var (questions, labels) = digits.Unseen(Items, "unseen");
        CascadeOptions options = new() { Threshold = 0.8, Deadline = TimeSpan.FromMilliseconds(400), RetryAfter = TimeSpan.FromSeconds(1) };
        using var fleet = new CascadeFleet(questions, digits.Device, options, digits.Edge, digits.Cloud);
        fleet.World.At(TimeSpan.FromSeconds(10), fleet.Device.Disconnect);
        fleet.World.At(TimeSpan.FromSeconds(15), fleet.Device.Connect);
        fleet.Run();

        var answers = fleet.Given.Select(g => g.Answer).ToList();
        var tiers = answers.CountBy(a => a.Tier).ToDictionary();
        var correct = Correct(answers, labels) / (double)Items;
        output.WriteLine($"seed {seed}: {correct:P1} right, device alone {Accuracy(digits.Device, questions, labels):P1}; by tier "
            + string.Join(", ", tiers.OrderBy(t => t.Key).Select(t => $"{t.Key}: {t.Value}")));
        Assert.Equal(Enumerable.Range(0, Items).Select(i => (long)i), answers.Select(a => a.Key));
        Assert.All(fleet.Given, given => Assert.InRange(
            given.At - (given.Answer.Key * CascadeFleet.Every), TimeSpan.Zero, options.Deadline));
        Assert.All([0, 1, 2], tier => Assert.InRange(tiers[tier], 20, Items));
        Assert.True(correct > Accuracy(digits.Device, questions, labels) + 0.02);
        var cut = answers.Where(a => a.Key is >= 520 and < 730).ToList();
        Assert.All(cut, static a => Assert.Equal(0, a.Tier));
        Assert.Contains(cut, static a => a.Outcome == CascadeOutcome.Unhealthy);
        Assert.Contains(answers.Skip(820), static a => a.Tier == 2);
    }

    /// <summary>1 for each item that was asked, by what a device alone sends.</summary>
    private static double[] Asked(CascadeDigits digits, ImmutableArray<CascadeQuestion> questions, CascadeOptions options)
    {
        using var fleet = new CascadeFleet(questions, digits.Device, options, digits.Cloud).Run();
        return [.. fleet.Given.Select(g => g.Answer.Outcome is CascadeOutcome.Better or CascadeOutcome.Kept ? 1.0 : 0)];
    }

    private static double Accuracy(ModelTier tier, ImmutableArray<CascadeQuestion> questions, ImmutableArray<int> labels)
    {
        var (model, memory, right) = (tier.Model, new Workspace(), 0);
        var scores = new float[10];
        for (var i = 0; i < questions.Length; i++)
        {
            model.Infer(tier.Weights.Values.AsSpan(), new(questions[i].Values.AsSpan(), 1), scores, memory);
            right += Array.IndexOf(scores, scores.Max()) == labels[i] ? 1 : 0;
        }

        return right / (double)questions.Length;
    }

    private static int Correct(IEnumerable<CascadeAnswer> answers, ImmutableArray<int> labels) =>
        answers.Count(a => a.Class == labels[(int)a.Key]);

    private sealed class NoRows : ICodec<Batch>
    {
        public string Name => "none";

        public void Encode(Batch value, IBufferWriter<byte> buffer) => throw new NotSupportedException();

        public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out Batch value) =>
            throw new NotSupportedException();
    }

    private static int Found(IEnumerable<byte[]> sent, float marker)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteSingleLittleEndian(bytes, marker);
        var text = System.Text.Encoding.ASCII.GetBytes($"{(int)marker}");
        var found = 0;
        foreach (var message in sent)
        {
            found += message.AsSpan().IndexOf(bytes) >= 0 || message.AsSpan().IndexOf(text) >= 0 ? 1 : 0;
        }

        return found;
    }
}
