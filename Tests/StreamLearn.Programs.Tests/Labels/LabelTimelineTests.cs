namespace StreamLearn.Programs.Tests;

public sealed class LabelTimelineTests
{
    private readonly LabelTimeline _labels = new(most: 3);

    [Fact]
    public void A_span_holds_from_its_begin_to_before_its_end()
    {
        Add(10, 20, 1);

        Assert.Equal([1, null, null], [ClassOf(10, 19), ClassOf(9, 19), ClassOf(10, 20)]);
    }

    [Fact]
    public void Spans_of_one_class_that_touch_or_overlap_are_one()
    {
        Add(10, 20, 1);
        Add(30, 40, 1);
        Assert.Null(ClassOf(12, 35));
        Add(20, 31, 1);

        Assert.Equal((1, 1), (ClassOf(10, 39), _labels.Count));
    }

    [Fact]
    public void Times_of_two_classes_have_none_and_are_known_to_be_mixed_once_all_are_known()
    {
        Add(10, 20, 0);
        Add(21, 30, 1);
        Assert.Null(_labels.ClassOf(15, 25, out var isMixed));
        Assert.False(isMixed);
        Add(20, 21, 0);

        Assert.Null(_labels.ClassOf(15, 25, out isMixed));
        Assert.True(isMixed);
    }

    [Fact]
    public void The_last_word_holds_where_spans_overlap()
    {
        Add(10, 40, 0);
        Add(20, 30, 1);

        Assert.Equal([0, 1, 0, null], [ClassOf(10, 19), ClassOf(20, 29), ClassOf(30, 39), ClassOf(19, 20)]);
    }

    [Fact]
    public void What_is_known_is_nothing_new_and_the_oldest_span_makes_way()
    {
        Add(10, 20, 0);
        Assert.False(_labels.Add(11, 20, 0, out _));
        Add(30, 40, 0);
        Add(50, 60, 0);

        Assert.True(_labels.Add(70, 80, 0, out var forgot));

        Assert.Equal((true, null, 0), (forgot, ClassOf(12, 13), ClassOf(30, 31)));
    }

    [Fact]
    public void Any_order_of_spans_gives_what_painting_each_time_gives()
    {
        var random = new RandomStream(42, "spans", "paint");
        var labels = new LabelTimeline(most: 1000);
        var painted = new int?[200];
        for (var i = 0; i < 300; i++)
        {
            var (from, label) = (random.NextInt32(199), random.NextInt32(3));
            var to = from + 1 + random.NextInt32(Math.Min(20, 200 - from - 1) + 1);
            to = Math.Min(to, 200);
            labels.Add(from, to, label, out _);
            painted.AsSpan(from, to - from).Fill(label);
            var (first, last) = (random.NextInt32(100), 100 + random.NextInt32(100));
            if (i % 2 == 0) { last = Math.Min(199, first + random.NextInt32(6)); }
            var part = painted.AsSpan(first, last - first + 1).ToArray();
            Assert.Equal(part.Distinct().Count() == 1 ? part[0] : null, labels.ClassOf(first, last, out var isMixed));
            Assert.Equal(part.Distinct().Count() > 1 && part.All(static p => p is not null), isMixed);
        }
    }

    private void Add(long from, long to, int label) => Assert.True(_labels.Add(from, to, label, out _));

    private int? ClassOf(long first, long last) => _labels.ClassOf(first, last, out _);
}
