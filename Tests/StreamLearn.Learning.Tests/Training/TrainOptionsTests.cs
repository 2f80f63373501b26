using System.Runtime.CompilerServices;
using StreamLearn.Samples;

namespace StreamLearn.Learning.Tests;

public sealed class TrainOptionsTests
{
    private static readonly ModelPlan Plan = new SoftmaxRegression(3, 4).Plan;
    private static readonly TrainOptions Defaults = new();

    [Fact]
    public void The_defaults_are_those_that_are_written_down()
    {
        Defaults.Check(Plan);
        Assert.Equal(new Sgd(0.05f), Defaults.Optimizer);
        Assert.Equal((512, BufferKind.Reservoir, DrawKind.Replacement), (Defaults.BufferRows, Defaults.Buffer, Defaults.Draw));
        Assert.Equal((1, 1, 16, 4096), (Defaults.RowsPerStep, Defaults.StepsPerRow, Defaults.BatchRows, Defaults.MaxBatchRows));
        Assert.Equal((8, 4), (Defaults.StartAfterRows, Defaults.StepsPerUpdate));
        Assert.Equal((0f, 1, TrainPace.Free, (long?)null), (Defaults.Proximal, Defaults.Threads, Defaults.Pace, Defaults.Epoch));
        Assert.False(Defaults.Continuous || Defaults.AdjustLogits || Defaults.Announce);
    }

    [Fact]
    public void A_setting_that_cannot_be_is_refused_by_its_name()
    {
        Refused(Defaults with { Optimizer = new Sgd(-1) }, null);
        Refused(Defaults with { BufferRows = 0 }, nameof(TrainOptions.BufferRows));
        Refused(Defaults with { BufferRows = 3, Buffer = BufferKind.ClassBalanced }, nameof(TrainOptions.BufferRows));
        Refused(Defaults with { BufferRows = int.MaxValue }, nameof(TrainOptions.BufferRows));
        Refused(Defaults with { RowsPerStep = 0 }, nameof(TrainOptions.RowsPerStep));
        Refused(Defaults with { StepsPerRow = 0 }, nameof(TrainOptions.StepsPerRow));
        Refused(Defaults with { BatchRows = 0 }, nameof(TrainOptions.BatchRows));
        Refused(Defaults with { BatchRows = int.MaxValue }, nameof(TrainOptions.BatchRows));
        Refused(Defaults with { MaxBatchRows = 0 }, nameof(TrainOptions.MaxBatchRows));
        Refused(Defaults with { StartAfterRows = 0 }, nameof(TrainOptions.StartAfterRows));
        Refused(Defaults with { StepsPerUpdate = 0 }, nameof(TrainOptions.StepsPerUpdate));
        Refused(Defaults with { Threads = 0 }, nameof(TrainOptions.Threads));
        Refused(Defaults with { Threads = 3 }, nameof(TrainOptions.Threads));
        Refused(Defaults with { Proximal = -0.1f }, nameof(TrainOptions.Proximal));
        Refused(Defaults with { Proximal = float.PositiveInfinity }, nameof(TrainOptions.Proximal));
        Refused(Defaults with { Proximal = float.NaN }, nameof(TrainOptions.Proximal));
        Refused(Defaults with { ShrinkAfter = 0 }, nameof(TrainOptions.ShrinkAfter));
        Refused(Defaults with { Penalty = -1 }, nameof(TrainOptions.Penalty));
        Refused(Defaults with { Penalty = float.NaN }, nameof(TrainOptions.Penalty));
        Refused(Defaults with { Penalty = 1, Optimizer = new Adam(0.01f) }, nameof(TrainOptions.Penalty));
        Refused(Defaults with { Pace = (TrainPace)7 }, nameof(TrainOptions.Pace));
        Refused(Defaults with { Buffer = (BufferKind)7 }, nameof(TrainOptions.Buffer));
        Refused(Defaults with { Draw = (DrawKind)7 }, nameof(TrainOptions.Draw));
        var logistic = new LinearModel(3, new BinaryCrossEntropy());
        Refused(Defaults with { AdjustLogits = true }, nameof(TrainOptions.AdjustLogits), logistic.Plan);
        Refused(Defaults with { AdjustLogits = true }, nameof(TrainOptions.AdjustLogits), ReferenceModels.LinReg(3).Plan);
    }

    [Fact]
    public void What_is_just_within_its_bounds_is_taken()
    {
        (Defaults with { BufferRows = 4, Buffer = BufferKind.ClassBalanced, Threads = 2, AdjustLogits = true }).Check(Plan);
        (Defaults with { BatchRows = int.MaxValue, Draw = DrawKind.Shuffle }).Check(Plan);         // of a pass no more than are held
    }

    [Fact]
    public void The_largest_batch_is_that_of_options_and_directives()
    {
        Assert.Equal(4096, Defaults.LargestBatch(Plan));
        Assert.Equal(5000, (Defaults with { BatchRows = 5000 }).LargestBatch(Plan));
        Assert.Equal(512, (Defaults with { Draw = DrawKind.Shuffle }).LargestBatch(Plan));
        Assert.Equal(Array.MaxLength / 3, (Defaults with { MaxBatchRows = int.MaxValue }).LargestBatch(Plan));
    }

    [Fact]
    public void The_text_says_what_differs_from_the_default()
    {
        Assert.Equal($"{Defaults.Optimizer}, batch 16, 4 steps an update, 1 steps per 1 rows, buffer 512, free", Defaults.ToString());
        Says(Defaults with { Proximal = 0.5f }, ", proximal 0.5");
        Says(Defaults with { Draw = DrawKind.Shuffle }, "batch 16 in passes");
        Says(Defaults with { Buffer = BufferKind.ClassBalanced }, "buffer 512 class-balanced");
        Says(Defaults with { Pace = TrainPace.LockStep }, ", lock-step");
        Says(Defaults with { Continuous = true }, ", continuous,");
        Says(Defaults with { Threads = 2 }, ", two threads");
        Says(Defaults with { MaxVisits = 64 }, ", at most 64 visits a row");
        Says(Defaults with { ShrinkAfter = 64, Penalty = 0.5f }, ", smaller steps after 64 visits a row, penalty 0.5");
        Says(Defaults with { MaxVisits = null }, ", visits without bound");
        Says(Defaults with { AdjustLogits = true }, ", adjusted logits");
        Says(Defaults with { SparesMoments = true }, ", moments spared");
        Says(Defaults with { Announce = true }, ", announced");
        Says(Defaults with { Announce = true, AnnounceAfterClasses = 2 }, ", announced with 2 classes");
        Refused(Defaults with { AnnounceAfterClasses = 0 }, nameof(TrainOptions.AnnounceAfterClasses));
    }

    private static void Refused(TrainOptions options, string? name, ModelPlan? plan = null,
        [CallerArgumentExpression(nameof(options))] string text = "")
    {
        var problem = Record.Exception(() => options.Check(plan ?? Plan));
        Assert.True(problem is ArgumentException { ParamName: var param } && (name is null || param == name), $"{text}: {problem}");
    }

    private static void Says(TrainOptions options, string part) => Assert.Contains(part, options.ToString(), StringComparison.Ordinal);
}
