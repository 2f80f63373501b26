namespace StreamLearn.Nodes;

/// <summary>A question with a higher tier's answer, for distillation (Hinton et al., 2015).</summary>
/// <param name="Question">The question, as this tier received it.</param>
/// <param name="Answer">The higher tier's answer.</param>
public sealed record CascadeLesson(CascadeQuestion Question, CascadeAnswer Answer) : ISized, IPrivate
{
    /// <inheritdoc />
    public long SizeBytes => Question.SizeBytes + Answer.SizeBytes;

    /// <inheritdoc />
    public int Rows => 1;

    /// <inheritdoc />
    public PrivacyLabel Privacy => Question.Privacy;
}
