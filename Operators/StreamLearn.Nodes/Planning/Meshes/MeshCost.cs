namespace StreamLearn.Nodes;

/// <summary>What an input costs in a mesh.</summary>
/// <param name="Seconds">Seconds.</param>
/// <param name="Joules">Joules of all nodes that compute, send and receive.</param>
/// <param name="Bytes">Bytes over links; a byte that is passed on counts on each link.</param>
public readonly record struct MeshCost(double Seconds, double Joules, double Bytes)
{
    /// <summary>The sum: one after the other.</summary>
    /// <param name="first">The one.</param>
    /// <param name="second">The other.</param>
    public static MeshCost operator +(MeshCost first, MeshCost second) =>
        new(first.Seconds + second.Seconds, first.Joules + second.Joules, first.Bytes + second.Bytes);
}
