namespace StreamLearn.Tests;

/// <summary>Blocks with three outputs.</summary>
public sealed class ForkTests
{
    [Fact]
    public async Task Each_message_leaves_by_the_output_that_it_was_given_to()
    {
        var (main, side, third) = (new List<int>(), new List<int>(), new List<int>());
        await Blocks.RunAsync(p =>
        {
            var (a, b, c) = p.Numbers(9).Via("part", new Outputs(), static (Outputs _, OperatorContext _, IOutput<Batch> a,
                IOutput<Batch> b, IOutput<Note> c) => new Parting(a, b, c));
            a.Collect(main, "main");
            b.Collect(side, "side");
            c.ForEach("third", note => third.Add(note.Number));
        });
        Assert.Equal([0, 3, 6], main);
        Assert.Equal([1, 4, 7], side);
        Assert.Equal([2, 5, 8], third);
    }

    [Fact]
    public async Task Dead_letters_have_an_output_of_their_own_beside_the_three()
    {
        var (third, letters) = (new List<int>(), new List<int>());
        await Blocks.RunAsync(p =>
        {
            var (a, b, c) = p.Numbers(9).Via("part", new Outputs(), static (Outputs _, OperatorContext _, IOutput<Batch> a,
                IOutput<Batch> b, IOutput<Note> c) => new Parting(a, b, c, throwsAt: 5)).OnError(ErrorPolicy.DeadLetter);
            a.Discard("a");
            b.Discard("b");
            c.ForEach("third", note => third.Add(note.Number));
            p.DeadLetters.ForEach("letters", letter => letters.Add(Blocks.Number((Batch)letter.Item)));
        });
        Assert.Equal([2, 8], third);
        Assert.Equal([5], letters);
    }

    [Fact]
    public async Task A_block_with_three_outputs_takes_control_messages()
    {
        var (third, seen) = (new List<int>(), 0);
        var run = Blocks.Start(p =>
        {
            var (a, b, c) = p.Input<Batch>("in").Via("part", new Outputs(), static (Outputs _, OperatorContext _, IOutput<Batch> a,
                IOutput<Batch> b, IOutput<Note> c) => new Parting(a, b, c)).ControlledBy(p.Input<Note>("notes"));
            a.Discard("a");
            b.Discard("b");
            c.ForEach("third", note =>
            {
                third.Add(note.Number);
                Volatile.Write(ref seen, 1);
            });
        });
        await run.SendAsync("notes", new Note(77));
        await Eventually.TrueAsync(() => Volatile.Read(ref seen) == 1);
        run.Complete("in");

        await run.EndAsync();
        Assert.Equal([77], third);
    }

    [Fact]
    public void Pictures_and_texts_name_the_third_output()
    {
        var pipeline = Pipeline.Define("small", p =>
        {
            var (a, b, c) = p.Numbers(9).Via("part", new Outputs(), static (Outputs _, OperatorContext _, IOutput<Batch> a,
                IOutput<Batch> b, IOutput<Note> c) => new Parting(a, b, c)).OnError(ErrorPolicy.DeadLetter);
            a.Discard("a");
            b.Discard("b");
            c.Discard("c");
            p.DeadLetters.Discard("lost");
        });
        Assert.Contains("\"Note (third), wait, 64 messages, 8 MiB\"", pipeline.ToMermaid(), StringComparison.Ordinal);
        Assert.Contains("\"Note (third), wait, 64 messages, 8 MiB\"", pipeline.ToDot(), StringComparison.Ordinal);
        Assert.Contains("\"DeadLetter (dead letters), wait,", pipeline.ToMermaid(), StringComparison.Ordinal);
        Assert.Contains("  part: Batch → Batch + Batch + Note;", pipeline.Explain(), StringComparison.Ordinal);
        Assert.Contains(" (third): wait, 64 messages", pipeline.Explain(), StringComparison.Ordinal);
        Assert.Contains("  part → dead-letters (dead letters): wait,", pipeline.Explain(), StringComparison.Ordinal);
    }

    [Fact]
    public void Each_of_the_three_must_be_used()
    {
        var failure = Assert.Throws<PipelineDefinitionException>(() => Pipeline.Define("bad", p => p.Numbers(1).Via(
            "part", new Outputs(), static (Outputs _, OperatorContext _, IOutput<Batch> a, IOutput<Batch> b, IOutput<Note> c) =>
                new Parting(a, b, c))));
        Assert.Equal(
            [
                "block 'part': its output is not connected: use it, or end it with Discard",
                "block 'part': its side output is not connected: use it, or end it with Discard",
                "block 'part': its third output is not connected: use it, or end it with Discard",
            ],
            failure.Problems);
    }

    private sealed record Outputs;

    private sealed class Parting(IOutput<Batch> main, IOutput<Batch> side, IOutput<Note> third, int throwsAt = -1)
        : Operator<Batch>, IControlledBy<Note>
    {
        public override void Process(Batch input)
        {
            var number = Blocks.Number(input);
            if (number % 3 < 2)
            {
                (number % 3 == 0 ? main : side).Emit(input);
                return;
            }
            third.Emit(new(number));
            if (number == throwsAt) { throw new InvalidOperationException("thrown"); }
            input.Dispose();
        }

        public void Control(Note message) => third.Emit(message);
    }
}
