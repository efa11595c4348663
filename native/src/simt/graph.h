/*
 * Graphs on the host executor: nodes run in the order in which they were added, a conditional node is a host loop. Included by
 * runtime.h.
 */
#pragma once

#include "simt/runtime.h"

enum cudaGraphNodeType { cudaGraphNodeTypeConditional = 13 };
enum cudaGraphConditionalNodeType { cudaGraphCondTypeIf = 0, cudaGraphCondTypeWhile = 1 };
constexpr unsigned cudaGraphCondAssignDefault = 1;

/** Address of a borep::simt::Condition. */
using cudaGraphConditionalHandle = unsigned long long;
using cudaGraphNode_t = size_t;
struct cudaGraphEdgeData;

struct cudaConditionalNodeParams {
    cudaGraphConditionalHandle handle;
    cudaGraphConditionalNodeType type;
    unsigned size;
    cudaGraph_t *phGraph_out;
};
struct cudaGraphNodeParams {
    cudaGraphNodeType type;
    cudaConditionalNodeParams conditional;
};

namespace borep::simt {

inline cudaGraphNode_t add_node(Graph &graph, Node node) {
    graph.nodes.push_back(std::move(node));
    return graph.nodes.size() - 1;
}

inline void play(const Graph &graph) {
    for (const Node &node : graph.nodes) {
        node();
    }
}

}  // namespace borep::simt

namespace borep {

/** A kernel as the first node of a graph. */
template <class... Parameters, class... Arguments>
cudaError_t add_kernel(
    cudaGraphNode_t *added, cudaGraph_t graph, void (*kernel)(Parameters...), dim3 grid, dim3 block,
    Arguments... arguments) {
    simt::Stream recorder;
    recorder.recording = std::make_unique<simt::Graph>();
    simt::launch("node", simt::ONE_BLOCK, kernel, grid, block, 0, &recorder, arguments...);
    std::vector<simt::Node> &nodes = recorder.recording->nodes; // none if the launch was refused
    *added = simt::add_node(*graph, nodes.empty() ? simt::Node([] {}) : std::move(nodes.front()));
    return simt::last_error;
}

}  // namespace borep

inline cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode) {
    BOREP_SIMT_CALL();
    stream->recording = std::make_unique<borep::simt::Graph>();
    return cudaSuccess;
}
inline cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t *graph) {
    std::unique_ptr<borep::simt::Graph> recorded = std::move(stream->recording); // a failure ends it, too
    BOREP_SIMT_CALL();
    *graph = recorded.release();
    borep::simt::ledger.took(borep::simt::Kind::GRAPH);
    return cudaSuccess;
}
inline cudaError_t cudaGraphCreate(cudaGraph_t *graph, unsigned) {
    BOREP_SIMT_CALL();
    *graph = new borep::simt::Graph;
    borep::simt::ledger.took(borep::simt::Kind::GRAPH);
    return cudaSuccess;
}
inline cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
    BOREP_SIMT_ALONE();
    delete graph;
    borep::simt::ledger.gave_back(borep::simt::Kind::GRAPH);
    return cudaSuccess;
}
inline cudaError_t cudaGraphAddChildGraphNode(
    cudaGraphNode_t *node, cudaGraph_t graph, const cudaGraphNode_t *, size_t, cudaGraph_t child) {
    BOREP_SIMT_CALL();
    *node = borep::simt::add_node(*graph, [copy = *child] { borep::simt::play(copy); });
    return cudaSuccess;
}
inline cudaError_t cudaGraphConditionalHandleCreate(
    cudaGraphConditionalHandle *handle, cudaGraph_t graph, unsigned value, unsigned flags) {
    BOREP_SIMT_CALL();
    graph->conditions.push_back(
        std::make_shared<borep::simt::Condition>(value, value, (flags & cudaGraphCondAssignDefault) != 0));
    *handle = reinterpret_cast<cudaGraphConditionalHandle>(graph->conditions.back().get());
    return cudaSuccess;
}
/** From a kernel. */
inline void cudaGraphSetConditional(cudaGraphConditionalHandle handle, unsigned value) {
    reinterpret_cast<borep::simt::Condition *>(handle)->value = value;
}
inline cudaError_t cudaGraphAddNode(
    cudaGraphNode_t *node, cudaGraph_t graph, const cudaGraphNode_t *, const cudaGraphEdgeData *, size_t,
    cudaGraphNodeParams *params) {
    BOREP_SIMT_CALL();
    const auto body = std::make_shared<borep::simt::Body>();
    const auto *condition = reinterpret_cast<const borep::simt::Condition *>(params->conditional.handle);
    const bool repeats = params->conditional.type == cudaGraphCondTypeWhile;
    *node = borep::simt::add_node(*graph, [=] {
        while (condition->value != 0) {
            borep::simt::play(body->graph);
            if (!repeats || !borep::simt::failure.empty()) {
                return;
            }
        }
    });
    params->conditional.phGraph_out = &body->out;
    return cudaSuccess;
}
inline cudaError_t cudaGraphInstantiate(cudaGraphExec_t *executable, cudaGraph_t graph, unsigned long long) {
    BOREP_SIMT_CALL();
    *executable = new borep::simt::Graph(*graph);
    borep::simt::ledger.took(borep::simt::Kind::EXECUTABLE);
    return cudaSuccess;
}
inline cudaError_t cudaGraphLaunch(cudaGraphExec_t executable, cudaStream_t stream) {
    BOREP_SIMT_CALL();
    borep::simt::enqueue(stream, [=] {
        for (const auto &condition : executable->conditions) {
            if (condition->assigned) {
                condition->value = condition->initial;
            }
        }
        borep::simt::play(*executable);
    });
    return borep::simt::kernel_error();
}
inline cudaError_t cudaGraphExecDestroy(cudaGraphExec_t executable) {
    BOREP_SIMT_ALONE();
    delete executable;
    borep::simt::ledger.gave_back(borep::simt::Kind::EXECUTABLE);
    return cudaSuccess;
}
