namespace StreamLearn.Nodes;

/// <summary>Cost of an input in a mesh.</summary>
/// <param name="Seconds">Seconds.</param>
/// <param name="Joules">Joules of computing, sending and receiving.</param>
/// <param name="Bytes">Bytes, counted on each link.</param>
public readonly record struct MeshCost(double Seconds, double Joules, double Bytes)
{
    /// <summary>Adds costs in sequence.</summary>
    /// <param name="first">The first cost.</param>
    /// <param name="second">The second cost.</param>
    public static MeshCost operator +(MeshCost first, MeshCost second) =>
        new(first.Seconds + second.Seconds, first.Joules + second.Joules, first.Bytes + second.Bytes);
}
