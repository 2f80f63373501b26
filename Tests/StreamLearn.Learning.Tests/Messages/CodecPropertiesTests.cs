namespace StreamLearn.Learning.Tests;

/// <summary>What the kernel asks codecs of learning messages.</summary>
public sealed class CodecPropertiesTests
{
    [Fact]
    public void The_numbers_of_messages_stay_and_what_a_crash_may_undo_waits_for_a_checkpoint() => Assert.Equal(
        [(1, true), (2, true), (3, false), (4, false), (5, false), (6, false), (7, false), (8, true), (10, true), (9, false), (3, false),
            (UpdatePiece.Codec.Kind, true)],
        [
            Of(LearningCodecs.Weights), Of(LearningCodecs.Deltas), Of(LearningCodecs.Presences), Of(LearningCodecs.Activations),
            Of(LearningCodecs.BoundaryGradients), Of(LearningCodecs.SplitPlans), Of(LearningCodecs.ExitPlans), Of(LearningCodecs.Receipts),
            Of(LearningCodecs.SessionTransfers),
            Of(LearningCodecs.Scores), Of(LearningCodecs.Offers), Of(UpdatePiece.Codec),
        ]);

    private static (int Kind, bool Waits) Of<T>(ICodec<T> codec) where T : class => (codec.Kind, codec.WaitsForCheckpoint);
}
